"""The certifier puts right the identity that certificates print: new ones refer to the first, which stay (R12)."""

from datetime import date
from typing import Any

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.holdings.use_cases import identity_correction
from portfolio.errors import Refusal
from portfolio.screens.certifier.certificates.blueprint import bp
from portfolio.screens.certifier.certificates.forms import IdentityForm
from portfolio.screens.certifier.certificates.proposals import is_confirmed, store_proof
from portfolio.screens.evidence_files.uploads import (
    error_status,
    max_file_bytes,
    open_upload_batch,
    run_once_with_files,
)
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message
from portfolio.web.request_limits import accepts_file
from portfolio.wording.candidacy import birth_message
from portfolio.wording.holdings import grants


@bp.get("/candidatures/<uuid:candidacy_id>/identite")
@candidacy_page(Permission.SIGN)
def identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Show what the certificates that stand print of their holder, and the form that puts it right."""
    page = identity_correction.load_identity_page(read_session(), case.id)
    return _page(case, page, IdentityForm(today(), page.identity, formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/identite")
@accepts_file()
@candidacy_page(Permission.SIGN)
def correct_identity(case: CandidacyAccess) -> ResponseReturnValue:
    """Show which certificates would be issued again, then do it once confirmed; what was typed stays."""
    page = identity_correction.load_identity_page(read_session(), case.id)
    form = IdentityForm(today())
    step, form.step.data = form.step.data, "look"
    if step == "edit":
        return _page(case, page, form)
    form.validate()
    asked = list(form.password.errors)
    if not form.ask_later():
        return _page(case, page, form), 422
    changes = identity_correction.to_rectify(page, form.identity())
    if step != "confirm":
        return _page(case, page, form, changes=changes)
    form.password.errors = asked
    if not is_confirmed(form):
        return _page(case, page, form, changes=changes), 422
    try:
        return _rectified(case, page, form)
    except Refusal as refusal:
        return _page(case, page, form, stopped=refusal_message(refusal)), 409


def _rectified(
    case: CandidacyAccess, page: identity_correction.IdentityPageData, form: IdentityForm
) -> ResponseReturnValue:
    with open_upload_batch() as opened:
        proof = store_proof(opened, form)
        if proof is None:
            return _page(case, page, form, changes=identity_correction.to_rectify(page, form.identity())), error_status(
                form.proof
            )

        def act(db: Session) -> str:
            said = (form.identity(), form.reason.data or "", form.decided_on.data or date.min)
            identity_correction.rectify_identity(db, case.id, *said, proof, by=current_user.id, at=now())
            session["notice"] = (
                "Les certificats rectifiés sont délivrés. Ils attendent la signature de la personne responsable."
            )
            return url_for("public.certificate.results", candidacy_id=case.id)

        return run_once_with_files(opened, form.nonce.data, act)


def _page(case: CandidacyAccess, page: identity_correction.IdentityPageData, form: IdentityForm, **more: Any) -> str:
    context = {"stopped": "", "changes": None, "limit": max_file_bytes()} | more
    return render_template(
        "certifier/certificates/identity.html",
        case=case,
        page=page,
        form=form,
        say=grants,
        birth=birth_message,
        **context,
    )
