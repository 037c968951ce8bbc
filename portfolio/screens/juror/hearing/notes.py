"""The private notes of a member, which nobody else reads; the interview sheet of a hearing, kept in the minutes."""

from typing import Any
from uuid import UUID

from flask import abort, current_app, redirect, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.decorators import hearing_page, readable_since
from portfolio.access.jury import HearingAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.jury_session.use_cases import interview, reading
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.deliberation import presented_competencies
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData
from portfolio.domain.jury_session.use_cases.loaders import barring_of, load_hearing
from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.search import Hit, search_hearing
from portfolio.errors import Conflict, Refusal
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.search.views import query_text
from portfolio.screens.juror.forms.decisions import InterviewChangeForm, InterviewForm, interview_change_form
from portfolio.screens.juror.forms.declarations import NoteChangeForm, NoteForm, change_form, note_form
from portfolio.screens.juror.hearing.reading import assessed_page_of, render_reader
from portfolio.web.clock import now, today
from portfolio.web.forms import refusal_message, remember_result, run_or_refuse
from portfolio.web.listing import page_number
from portfolio.wording import library as wording
from portfolio.wording.jury import opinions as opinion_words

bp = blueprint_of(__name__)


@bp.get("/jurys/<uuid:hearing_id>/notes")
@hearing_page(Permission.READ_HEARING)
def notes(case: HearingAccess) -> ResponseReturnValue:
    """Show one's own notes and questions, with the place of each."""
    return _notes_page(case)


@bp.post("/jurys/<uuid:hearing_id>/notes")
@hearing_page(Permission.READ_HEARING)
def write_note(case: HearingAccess) -> ResponseReturnValue:
    """Write a note, then go back to the place it is pinned to."""
    form = NoteForm()
    if not form.validate():
        return _notes_page(case, form), 422
    note = form.value()

    def act(db: Session) -> str:
        reading.write_note(db, case.id, note, by=current_user.id, at=now())
        return _place_url(case, note.competency_id, note.exhibit, note.page, note.second)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda sentence: _notes_page(case, form, stopped=sentence),
        "Votre note est enregistrée. Personne d’autre ne la lit.",
    )


@bp.get("/jurys/<uuid:hearing_id>/notes/<uuid:note_id>")
@hearing_page(Permission.READ_HEARING)
def note_page(case: HearingAccess, note_id: UUID) -> ResponseReturnValue:
    """Show the form of one note; 404 for somebody else's."""
    note = reading.find_note(read_session(), case.id, note_id, current_user.id) or abort(404)
    return _note_page(case, note_id, change_form(note))


@bp.post("/jurys/<uuid:hearing_id>/notes/<uuid:note_id>")
@hearing_page(Permission.READ_HEARING)
def change_note(case: HearingAccess, note_id: UUID) -> ResponseReturnValue:
    """Change one note, or show both texts when it changed meanwhile."""
    form = NoteChangeForm()
    if reading.find_note(read_session(), case.id, note_id, current_user.id) is None:
        abort(404)
    if not form.validate():
        return _note_page(case, note_id, form), 422
    kind: Any = form.kind.data
    try:
        with transaction() as db:
            revision = form.seen_revision
            reading.change_note(
                db, case.id, note_id, kind, form.text.data or "", revision=revision, by=current_user.id, at=now()
            )
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _note_page(case, note_id, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        return _note_page(case, note_id, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "Votre note est modifiée."
    return redirect(url_for(".notes", hearing_id=case.id, _anchor=f"note-{note_id}"), 303)


@bp.post("/jurys/<uuid:hearing_id>/notes/<uuid:note_id>/effacer")
@hearing_page(Permission.READ_HEARING)
def delete_note(case: HearingAccess, note_id: UUID) -> ResponseReturnValue:
    """Delete one note; it is not kept anywhere."""
    if reading.find_note(read_session(), case.id, note_id, current_user.id) is None:
        abort(404)
    with transaction() as db:
        reading.delete_note(db, case.id, note_id, by=current_user.id, at=now())
        remember_result(db, url_for(".notes", hearing_id=case.id))
    session["notice"] = "La note est effacée."
    return redirect(url_for(".notes", hearing_id=case.id), 303)


def _notes_page(case: HearingAccess, form: NoteForm | None = None, **more: Any) -> str:
    days = current_app.config["SETTINGS"].juror_days
    return render_reader(
        "juror/hearing/notes.html", case, here="notes", note_form=form or note_form(), days=days, **more
    )


def _note_page(case: HearingAccess, note_id: UUID, form: NoteChangeForm, **more: Any) -> str:
    return render_reader("juror/hearing/note.html", case, here="notes", note_id=note_id, form=form, **more)


def _place_url(
    case: HearingAccess, competency: UUID | None, exhibit: str | None, page: int | None, second: int | None
) -> str:
    if exhibit is not None:
        place: dict[str, Any] = {"page": page} if page else {"t": second} if second is not None else {}
        return url_for(".exhibit", hearing_id=case.id, label=exhibit, _anchor="mes-notes", **place)
    if competency is not None:
        return url_for(".competency", hearing_id=case.id, competency_id=competency, _anchor="mes-notes")
    return url_for(".notes", hearing_id=case.id)


@bp.get("/jurys/<uuid:hearing_id>/recherche")
@hearing_page(Permission.READ_HEARING)
def search(case: HearingAccess) -> ResponseReturnValue:
    """Show what the sealed dossier says about the words asked for."""
    page, query, number = assessed_page_of(case), query_text(), page_number()
    found = search_hearing(read_session(), current_user.id, case.id, readable_since(), page.sealed, query, number)
    shown = {"query": query, "found": found, "number": number, "words": wording, "link": _hit_url(page)}
    return render_reader("juror/hearing/search.html", case, page, here="search", **shown)


def _hit_url(page: HearingPageData) -> Any:
    competencies = {line.label: line.id for block in page.blocks for line in block.competencies}

    def url(hit: Hit) -> str:
        if hit.kind is SearchKind.PAGE:
            return url_for("juror.hearing.exhibit", hearing_id=page.id, label=hit.exhibit, page=hit.page)
        competency_id = competencies.get(hit.competency.split(" ")[0])
        if competency_id is not None:
            return url_for("juror.hearing.competency", hearing_id=page.id, competency_id=competency_id)
        return url_for("juror.hearing.exhibit", hearing_id=page.id, label=hit.exhibit)

    return url


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
