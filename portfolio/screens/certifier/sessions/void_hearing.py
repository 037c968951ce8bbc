"""The certifier ends a sitting found irregular before a decision: without effect, and without failure
(R10).
"""

from __future__ import annotations

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.use_cases import former_jury as void_hearing_use_cases
from portfolio.errors import Refusal
from portfolio.screens.account.reauthentication import signature_error
from portfolio.screens.certifier.letters.notices import delivery_notice
from portfolio.screens.juror.forms.declarations import VoidForm
from portfolio.screens.juror.hearing import attendance
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now
from portfolio.web.idempotency import run_once
from portfolio.wording import jury


@bp.get("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.RECORD_PAPER)
def void_form(case: HearingAccess) -> ResponseReturnValue:
    """Show what ending a sitting without effect does, and ask why."""
    if case.closed_at is not None:
        return redirect(url_for(".minutes", hearing_id=case.id), 303)
    return _page(case, VoidForm(formdata=None))


@bp.post("/jurys/<uuid:hearing_id>/sans-effet")
@hearing_page(Permission.RECORD_PAPER)
def void_hearing(case: HearingAccess) -> ResponseReturnValue:
    """End a sitting without effect; what was typed stays when something is wrong."""
    form = VoidForm()
    if not form.validate():
        return _page(case, form), 422
    if fault := signature_error(form.password.data or ""):
        form.password.errors = [fault]
        return _page(case, form), 422

    def act(db: Session) -> str:
        void_hearing_use_cases.void_hearing(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        session["notice"] = (
            f"La séance est sans effet. Le dossier attend une autre session. {delivery_notice()}"
        )
        return url_for(".minutes", hearing_id=case.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(case, form, stopped=jury.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409


def _page(case: HearingAccess, form: VoidForm, stopped: str = "") -> str:
    page = attendance.load_attendance_page(read_session(), case.id)
    wrong = [answer for answer in page.answers if answer.prevents]
    return render_template(
        "jury/void_hearing.html", page=page, form=form, wrong=wrong, stopped=stopped, say=jury
    )
