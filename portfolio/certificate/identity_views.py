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
from portfolio.certificate.rules import CertificateRefusal
from portfolio.db import reading
from portfolio.guards import candidacy_page
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today
from portfolio.web.once import once

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
    if not form.validate():
        return _page(case, page, form), 422
    if step != "confirm":
        return _page(case, page, form, changes=services.to_rectify(page, form.identity()))
    try:
        return _rectified(case, form)
    except Refusal as refusal:
        return _page(case, page, form, stopped=later_wording.REFUSALS[CertificateRefusal(refusal.code)](refusal.facts)), 409


def _rectified(case: CandidacyCase, form: IdentityForm) -> Any:
    def act(db: Session) -> str:
        said = (form.identity(), form.reason.data or "", form.decided_on.data or date.min)
        services.rectify_identity(db, case.id, *said, by=current_user.id, at=now())
        session["notice"] = "Les certificats rectifiés sont délivrés. Ils attendent la signature de la personne responsable."
        return url_for("certificate.results", candidacy_id=case.id)

    return once(form.nonce.data, act)


def _page(case: CandidacyCase, page: services.IdentityPage, form: IdentityForm, **more: Any) -> str:
    told = {"stopped": "", "changes": None} | more
    return render_template("certificate/identity.html", case=case, page=page, form=form, say=wording, birth=birth_words, **told)
