"""The certifier puts right the identity that certificates print: new ones refer to the first, which stay (R12)."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.candidacy.wording import birth_words
from portfolio.cases import CandidacyCase
from portfolio.certificate import later_wording, services, wording
from portfolio.certificate.identity_forms import IdentityForm
from portfolio.certificate.proof_views import is_confirmed, limit, proof_reception, received_document
from portfolio.certificate.rules import CertificateRefusal
from portfolio.db import reading
from portfolio.evidence.views.desk import once_kept, status_of
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today

bp = Blueprint("identity", __name__)


@bp.get("/candidatures/<uuid:candidacy_id>/identite")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def printed(case: CandidacyCase) -> Any:
    """Show what the certificates that stand print of their holder, and the form that puts it right."""
    page = services.identity_page(reading(), case.id)
    return _page(case, page, IdentityForm(today(), page.identity, formdata=None))


@bp.post("/candidatures/<uuid:candidacy_id>/identite")
@candidacy_page(Permission.MANAGE_CANDIDACY)
def rectify(case: CandidacyCase) -> Any:
    """Show which certificates would be issued again, then do it once confirmed; what was typed stays."""
    page = services.identity_page(reading(), case.id)
    form = IdentityForm(today())
    step, form.step.data = form.step.data, "look"
    if step == "edit":
        return _page(case, page, form)
    form.validate()
    asked = list(form.password.errors)
    if not form.ask_later():
        return _page(case, page, form), 422
    changes = services.to_rectify(page, form.identity())
    if step != "confirm":
        return _page(case, page, form, changes=changes)
    form.password.errors = asked
    if not is_confirmed(form):
        return _page(case, page, form, changes=changes), 422
    try:
        return _rectified(case, page, form)
    except Refusal as refusal:
        return _page(case, page, form, stopped=later_wording.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)), 409


def _rectified(case: CandidacyCase, page: services.IdentityPage, form: IdentityForm) -> Any:
    with proof_reception() as opened:
        proof = received_document(opened, form)
        if proof is None:
            return _page(case, page, form, changes=services.to_rectify(page, form.identity())), status_of(form.proof)

        def act(db: Session) -> str:
            said = (form.identity(), form.reason.data or "", form.decided_on.data or date.min)
            services.rectify_identity(db, case.id, *said, proof, by=current_user.id, at=now())
            session["notice"] = "Les certificats rectifiés sont délivrés. Ils attendent la signature de la personne responsable."
            return url_for("certificate.results", candidacy_id=case.id)

        return once_kept(opened, form.nonce.data, act)


def _page(case: CandidacyCase, page: services.IdentityPage, form: IdentityForm, **more: Any) -> str:
    told = {"stopped": "", "changes": None, "limit": limit()} | more
    return render_template("certificate/identity.html", case=case, page=page, form=form, say=wording, birth=birth_words, **told)
