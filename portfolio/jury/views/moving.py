"""The certifier moves a hearing to another session, until its minutes are closed."""

from __future__ import annotations

from typing import Any

from flask import redirect, render_template, session, url_for
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.cases import HearingCase
from portfolio.db import reading
from portfolio.guards import hearing_page
from portfolio.jury import services, wording
from portfolio.jury.forms import MoveForm
from portfolio.jury.rules import JuryRefusal
from portfolio.jury.views.blueprint import bp
from portfolio.policy import Permission
from portfolio.refusal import Refusal
from portfolio.web.clock import now, today
from portfolio.web.once import once


@bp.get("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def moving(case: HearingCase) -> Any:
    """Show the sessions that could hear the candidate instead, and what moving keeps."""
    if case.closed_at is not None:
        return redirect(url_for(".result", hearing_id=case.id), 303)
    return _page(case)


@bp.post("/jurys/<uuid:hearing_id>/report")
@hearing_page(Permission.MOVE_HEARING)
def move(case: HearingCase) -> Any:
    """Move the hearing, or say what prevents it and keep what was chosen."""
    form = MoveForm(services.destinations(reading(), case.id, today()))
    if services.was_moved_to(reading(), case.id, form.session_id.data):
        return redirect(url_for(".session", session_id=case.session_id, _anchor="candidats"), 303)
    if not form.validate():
        return _page(case, form), 422
    chosen: Any = form.session_id.data

    def act(db: Session) -> str:
        services.move_hearing(db, case.id, chosen, by=current_user.id, at=now())
        return url_for(".session", session_id=chosen, _anchor="candidats")

    try:
        response = once(form.nonce.data, act)
    except Refusal as refusal:
        return _page(case, form, wording.REFUSALS[JuryRefusal(refusal.code)](refusal.facts)), 409
    session["notice"] = "L’audition est reportée à cette session. Les présences y seront vérifiées de nouveau."
    return response


def _page(case: HearingCase, form: MoveForm | None = None, stopped: str = "") -> str:
    db = reading()
    page, sessions = services.sitting_page(db, case.id), services.destinations(db, case.id, today())
    shown = form or MoveForm(sessions, formdata=None)
    return render_template("jury/move.html", page=page, sessions=sessions, form=shown, stopped=stopped, say=wording)
