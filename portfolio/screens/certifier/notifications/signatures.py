"""The certificates that wait for the signature of the person responsible."""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.body import BodyAccess
from portfolio.access.decorators import certifier_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases import signatures
from portfolio.domain.holdings.use_cases.signatures import SigningPageData
from portfolio.domain.notification.rules.letter import DocumentRefusal
from portfolio.errors import Refusal
from portfolio.french_text import count
from portfolio.screens.account.reauthentication_form import password_confirmed
from portfolio.screens.certifier.notifications.blueprint import bp
from portfolio.screens.certifier.notifications.forms import SigningForm
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording import documents


@bp.get("/organisme/certificats-a-signer")
@certifier_page(Permission.MANAGE_CANDIDACY)
def unsigned_certificates(body: BodyAccess) -> ResponseReturnValue:
    """Show the certificates that wait, and who signs them."""
    page = signatures.load_signing_page(read_session(), body.id)
    return _page(page, SigningForm(_choices(page), formdata=None))


@bp.post("/organisme/certificats-a-signer")
@certifier_page(Permission.MANAGE_CANDIDACY)
def sign_certificates(body: BodyAccess) -> ResponseReturnValue:
    """Put the name of who clicks under the certificates chosen, their password asked again."""
    page = signatures.load_signing_page(read_session(), body.id)
    form = SigningForm(_choices(page))
    if not form.validate():
        return _page(page, form), 422
    if not password_confirmed(form):
        return _page(page, form), 422

    def act(db: Session) -> str:
        done = signatures.sign(db, body.id, form.certificates.data, by=current_user.id, at=now())
        session["notice"] = f"{count(done, 'certificat est signé', 'certificats sont signés')} de votre nom."
        return url_for(".unsigned_certificates")

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(
            page, form, stopped=documents.REFUSALS[DocumentRefusal(refusal.code)](refusal.facts)
        ), 409


def _choices(page: SigningPageData) -> list[tuple[Any, str]]:
    return [
        (certificate.id, f"{certificate.labels['holder']} · {documents.subject_message(certificate.labels)}")
        for certificate in page.waiting
    ]


def _page(page: SigningPageData, form: SigningForm, stopped: str = "") -> str:
    mine = page.words.signatory_id == current_user.id and page.words.may_sign
    return render_template(
        "notification/signatures.html", page=page, form=form, mine=mine, stopped=stopped, say=documents
    )
