"""The certificates that wait for the signature of the person responsible."""

from __future__ import annotations

from typing import Any

from flask import render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import BodyCase
from portfolio.db import reading
from portfolio.guards import certifier_page
from portfolio.paper import services, wording
from portfolio.paper.forms import SigningForm
from portfolio.paper.rules import PaperRefusal
from portfolio.paper.services import SigningPage
from portfolio.paper.views.again import confirmed
from portfolio.paper.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now
from portfolio.web.filters import count
from portfolio.web.once import once


@bp.get("/organisme/certificats-a-signer")
@certifier_page(Permission.MANAGE_CANDIDACY)
def unsigned(body: BodyCase) -> Any:
    """Show the certificates that wait, and who signs them."""
    page = services.signing_page(reading(), body.id)
    return _page(page, SigningForm(_choices(page), formdata=None))


@bp.post("/organisme/certificats-a-signer")
@certifier_page(Permission.MANAGE_CANDIDACY)
def sign(body: BodyCase) -> Any:
    """Put the name of who clicks under the certificates chosen, their password asked again."""
    page = services.signing_page(reading(), body.id)
    form = SigningForm(_choices(page))
    if not form.validate():
        return _page(page, form), 422
    if not confirmed(form):
        return _page(page, form), 422

    def act(db: Session) -> str:
        done = services.sign(db, body.id, form.certificates.data, by=current_user.id, at=now())
        session["notice"] = f"{count(done, 'certificat est signé', 'certificats sont signés')} de votre nom."
        return url_for(".unsigned")

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(page, form, stopped=wording.REFUSALS[PaperRefusal(refusal.code)](refusal.facts)), 409


def _choices(page: SigningPage) -> list[tuple[Any, str]]:
    return [(one.id, f"{one.labels['holder']} · {wording.subject_words(one.labels)}") for one in page.waiting]


def _page(page: SigningPage, form: SigningForm, stopped: str = "") -> str:
    mine = page.words.signatory_id == current_user.id and page.words.may_sign
    return render_template("paper/signing.html", page=page, form=form, mine=mine, stopped=stopped, say=wording)
