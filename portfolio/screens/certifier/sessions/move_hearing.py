"""The certifier moves a hearing to another session, until its minutes are closed."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.use_cases import schedule as move_hearing_use_cases
from portfolio.errors import Refusal
from portfolio.screens.juror.forms.declarations import MoveForm
from portfolio.screens.juror.hearing import attendance
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.web.clock import now, today
from portfolio.web.idempotency import run_once
from portfolio.wording import jury


@bp.get("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def move_form(case: HearingAccess) -> ResponseReturnValue:
    """Show the sessions that could hear the candidate instead, and what moving keeps."""
    if case.closed_at is not None:
        return redirect(url_for(".minutes", hearing_id=case.id), 303)
    return _page(case)


@bp.post("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def move_hearing(case: HearingAccess) -> ResponseReturnValue:
    """Move the hearing, or say what prevents it and keep what was chosen."""
    form = MoveForm(move_hearing_use_cases.list_destinations(read_session(), case.id, today()))
    if move_hearing_use_cases.was_moved_to(read_session(), case.id, form.session_id.data):
        return redirect(url_for(".session", session_id=case.session_id, _anchor="candidats"), 303)
    if not form.validate():
        return _page(case, form), 422
    chosen: Any = form.session_id.data

    def act(db: Session) -> str:
        move_hearing_use_cases.move_hearing(db, case.id, chosen, by=current_user.id, at=now())
        return url_for(".session", session_id=chosen, _anchor="candidats")

    try:
        response = run_once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(case, form, jury.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = (
        "L’audition est reportée à cette session. Les présences y seront vérifiées de nouveau."
    )
    return response


def _page(case: HearingAccess, form: MoveForm | None = None, stopped: str = "") -> str:
    db = read_session()
    page, sessions = (
        attendance.load_attendance_page(db, case.id),
        move_hearing_use_cases.list_destinations(db, case.id, today()),
    )
    shown = form or MoveForm(sessions, formdata=None)
    return render_template(
        "jury/move.html", page=page, sessions=sessions, form=shown, stopped=stopped, say=jury
    )
