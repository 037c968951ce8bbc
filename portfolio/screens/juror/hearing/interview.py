"""The interview sheet of a hearing: written by the members on the day, kept in the minutes."""

from typing import Any
from uuid import UUID

from flask import abort, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.jury_session.use_cases import interview
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.loaders import barring_of, load_hearing
from portfolio.domain.jury_session.use_cases.opinions import presented_competencies
from portfolio.errors import Conflict, Refusal
from portfolio.screens.juror.forms.decisions import InterviewChangeForm, InterviewForm, interview_change_form
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.screens.juror.hearing.reading import render_reader
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, run_or_refuse
from portfolio.wording.jury import opinions as opinion_words


@bp.get("/jurys/<uuid:hearing_id>/entretien")
@hearing_page(Permission.READ_HEARING)
def interview_sheet(case: HearingAccess) -> ResponseReturnValue:
    """Show the interview sheet, and the form that adds a line."""
    return _sheet_page(case)


@bp.post("/jurys/<uuid:hearing_id>/entretien")
@hearing_page(Permission.READ_HEARING)
def write_interview_entry(case: HearingAccess) -> ResponseReturnValue:
    """Write a line of the sheet."""
    form = InterviewForm()
    _offer(case, form)
    if not form.validate():
        return _sheet_page(case, form), 422

    def act(db: Session) -> str:
        interview.write_entry(db, case.id, form.to_value(), by=current_user.id, at=now())
        return url_for(".interview_sheet", hearing_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _sheet_page(case, form, stopped=sentence),
        "La ligne est ajoutée à la fiche d’entretien. Tout le jury la lit.",
    )


@bp.get("/jurys/<uuid:hearing_id>/entretien/<uuid:entry_id>")
@hearing_page(Permission.READ_HEARING)
def interview_entry(case: HearingAccess, entry_id: UUID) -> ResponseReturnValue:
    """Show the form of one line."""
    row = interview.find_entry(read_session(), case.id, entry_id) or abort(404)
    return _entry_page(case, interview_change_form(row))


@bp.post("/jurys/<uuid:hearing_id>/entretien/<uuid:entry_id>")
@hearing_page(Permission.READ_HEARING)
def change_interview_entry(case: HearingAccess, entry_id: UUID) -> ResponseReturnValue:
    """Correct one line, or show both texts when another member corrected it meanwhile."""
    if interview.find_entry(read_session(), case.id, entry_id) is None:
        abort(404)
    form = InterviewChangeForm()
    _offer(case, form)
    if not form.validate():
        return _entry_page(case, form), 422
    try:
        with transaction() as db:
            revision = form.seen_revision
            interview.change_entry(
                db, case.id, entry_id, form.to_value(), revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _entry_page(case, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return _entry_page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "La ligne est corrigée."
    return redirect(url_for(".interview_sheet", hearing_id=case.id), 303)


def _offer(case: HearingAccess, form: InterviewForm | InterviewChangeForm) -> None:
    hearing = load_hearing(read_session(), case.id)
    barred = barring_of(read_session(), hearing)[1]
    sitting = load_member_states(read_session(), hearing, hearing.session, barred)
    form.offer(presented_competencies(read_session(), hearing), sitting)


def _sheet_page(case: HearingAccess, form: InterviewForm | None = None, **more: Any) -> str:
    if form is None:
        form = InterviewForm(formdata=None, asked_by=current_user.id)
        _offer(case, form)
    entries = interview.list_entries(read_session(), case.id)
    more |= {"entries": entries, "today": today(), "opinion_words": opinion_words}
    return render_reader("juror/hearing/interview.html", case, here="interview_sheet", form=form, **more)


def _entry_page(case: HearingAccess, form: InterviewChangeForm, **more: Any) -> str:
    _offer(case, form)
    return render_reader("juror/hearing/interview_entry.html", case, here="interview_sheet", form=form, **more)
