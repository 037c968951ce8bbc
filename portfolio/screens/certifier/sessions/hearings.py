"""The certifier puts sealed dossiers on the list of a session, several in one act, and takes one off."""

from collections.abc import Sequence
from uuid import UUID

from flask import render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session
from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury_session.use_cases import planning
from portfolio.errors import Refusal
from portfolio.screens.certifier.sessions import page_queries
from portfolio.screens.certifier.sessions.blueprint import bp
from portfolio.screens.certifier.sessions.forms import ListForm
from portfolio.screens.certifier.sessions.listing_queries import MAX_DOSSIERS
from portfolio.web.clock import now
from portfolio.web.forms import IdempotentForm, pairs, refusal_message, run_once
from portfolio.wording import jury


@bp.get("/sessions/<uuid:session_id>/candidats")
@session_page(Permission.MANAGE_SESSION)
def list_form(case: SessionAccess) -> ResponseReturnValue:
    """Show who can be put on the list, at which hour, and who cannot and why."""
    return _page(case)


@bp.post("/sessions/<uuid:session_id>/candidats")
@session_page(Permission.MANAGE_SESSION)
def add_hearings(case: SessionAccess) -> ResponseReturnValue:
    """Put sealed dossiers on the session's list: all of them, or none."""
    names = {
        row.submission_id: row.candidate for row in page_queries.load_session_page(read_session(), case.id).waiting
    }
    form = ListForm(names)
    if not form.validate():
        # Another tab was quicker, or a dossier is not of this session.
        gone = [("", Refusal(JuryRefusal.NOT_WAITING))] if form.submission_id.raw_data else []
        return _page(case, form, gone), 409 if gone else 422
    wanted = {id: name for id, name in names.items() if id in set(form.submission_id.data or ())}

    def act(db: Session) -> str:
        listed = planning.add_hearings(db, case.id, wanted, by=current_user.id, at=now())
        session["notice"] = jury.listed_message(listed)
        return url_for(".session", session_id=case.id, _anchor="candidats")

    try:
        return run_once(form.nonce.data, act)
    except planning.ListStoppedError as stopped:
        close_read_session()
        return _page(case, form, stopped.refusals), 409


def _page(case: SessionAccess, form: ListForm | None = None, stopped: Sequence[tuple[str, Refusal]] = ()) -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    able = [row for row in page.waiting if row.obstacle is None]
    row = read_session().get_one(JurySession, case.id)
    slots = planning.free_slots(read_session(), row, [each.submission_id for each in able])
    has_hours = planning.hours_of(row) is not None
    shown = form or ListForm({}, formdata=None)
    if form is None:
        shown.submission_id.data = [each.submission_id for each in able if each.submission_id in slots or not has_hours]
    shown.submission_id.choices = pairs(
        (each.submission_id, jury.waiting_label(each, slots.get(each.submission_id), has_hours=has_hours))
        for each in able
    )
    said = [(name, refusal_message(refusal)) for name, refusal in stopped]
    others = [each for each in page.waiting if each.obstacle is not None]
    more = {"others": others, "stopped": said, "has_hours": has_hours, "is_cut": len(page.waiting) >= MAX_DOSSIERS}
    return render_template("certifier/sessions/list.html", page=page, form=shown, say=jury, **more)


@bp.post("/sessions/<uuid:session_id>/candidats/<uuid:hearing_id>/retirer")
@session_page(Permission.MANAGE_SESSION)
def remove_hearing(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Take a candidate off the list."""
    form = IdempotentForm()
    form.validate()

    def act(db: Session) -> str:
        planning.remove_hearing(db, case.id, hearing_id, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return run_once(form.nonce.data, act)
