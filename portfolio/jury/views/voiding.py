"""The certifier ends a sitting found irregular before a decision: without effect, and without failure (R10)."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import HearingCase
from portfolio.db import reading
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import VoidForm
from portfolio.jury.rules import JuryRefusal
from portfolio.jury.views.blueprint import bp
from portfolio.jury.views.signing import signature_fault
from portfolio.mail.notices import coming
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now
from portfolio.web.once import once


@bp.get("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.RECORD_PAPER)
def voiding(case: HearingCase) -> Any:
    """Show what ending a sitting without effect does, and ask why."""
    if case.closed_at is not None:
        return redirect(url_for(".result", hearing_id=case.id), 303)
    return _page(case, VoidForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.RECORD_PAPER)
def void(case: HearingCase) -> Any:
    """End a sitting without effect; what was typed stays when something is wrong."""
    form = VoidForm()
    if not form.validate():
        return _page(case, form), 422
    if fault := signature_fault(form.password.data or ""):
        form.password.errors = [fault]
        return _page(case, form), 422

    def act(db: Session) -> str:
        services.void_sitting(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        session["notice"] = f"La séance est sans effet. Le dossier attend une autre session. {coming()}"
        return url_for(".result", hearing_id=case.id)

    try:
        return once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(case, form, stopped=wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409


def _page(case: HearingCase, form: VoidForm, stopped: str = "") -> str:
    page = services.sitting_page(reading(), case.id)
    wrong = [one for one in page.answers if one.prevents]
    return render_template("jury/void.html", page=page, form=form, wrong=wrong, stopped=stopped, say=wording)
