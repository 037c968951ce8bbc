"""The private notes of a member of the jury; nobody else reads them.

A juror searches the sealed dossier that they may read.
"""

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
from portfolio.domain.jury_session.use_cases import reading
from portfolio.domain.jury_session.use_cases.hearing_page import HearingPageData
from portfolio.domain.search.models import SearchKind
from portfolio.domain.search.use_cases.search import Hit, search_hearing
from portfolio.errors import Conflict, Refusal
from portfolio.screens.candidate.search.views import query_text
from portfolio.screens.juror.forms.reading import NoteChangeForm, NoteForm, change_form, note_form
from portfolio.screens.juror.hearing.blueprint import bp
from portfolio.screens.juror.hearing.reading import assessed_page_of, render_reader
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message, remember_result, run_or_refuse
from portfolio.web.listing import page_number
from portfolio.wording import search as wording


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
