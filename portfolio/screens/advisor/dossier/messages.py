"""Messages of candidate and advisor: said, read, corrected, taken back; and the advisor's own notes, apart."""

from uuid import UUID

from flask import Response, abort, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy.orm import Session

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page, own_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.rules.assessment import ReviewRefusal
from portfolio.domain.review.use_cases import messages, thread
from portfolio.errors import Conflict, Refusal
from portfolio.screens.advisor.board.queries import Addressee, list_addressees
from portfolio.screens.advisor.dossier.forms import EditMessageForm, MessageForm, NoteForm, ReadForm, SeveralForm
from portfolio.screens.advisor.dossier.presenters import answering_page, competency_page, thread_url
from portfolio.screens.blueprints import blueprint_of
from portfolio.web.clock import now
from portfolio.web.forms import Form, autosaved, is_autosave, pairs, run_once
from portfolio.wording import review

bp = blueprint_of(__name__)


@bp.post("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>/messages")
@candidacy_page(Permission.ADVISE)
def send_message(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Write to the candidate about a competency."""
    form = MessageForm()
    if not form.validate():
        return competency_page(case, competency_id, talk=form), 422
    return _send_message(case, competency_id, form)


@bp.get("/accompagnement/message")
@own_page
def several_form() -> ResponseReturnValue:
    """Show the people whom the advisor can write to at once, the silent ones ticked."""
    people = list_addressees(read_session(), current_user.id, now())
    return _several(
        people, SeveralForm(formdata=None, people=[str(each.candidacy_id) for each in people if each.is_silent])
    )


def _several(people: list[Addressee], form: SeveralForm) -> str:
    form.people.choices = pairs([(str(each.candidacy_id), each.candidate) for each in people])
    said = {str(each.candidacy_id): review.last_activity_message(each.last_activity, now()) for each in people}
    return render_template("advisor/dossier/several.html", form=form, said=said)


@bp.post("/accompagnement/message")
@own_page
def send_to_several() -> ResponseReturnValue:
    """Write to each of the people chosen, or show the form again."""
    people = list_addressees(read_session(), current_user.id, now())
    form = SeveralForm()
    form.people.choices = pairs([(str(each.candidacy_id), each.candidate) for each in people])
    if not form.validate():
        return _several(people, form), 422
    places = {each.candidacy_id: each.competency_id for each in people if str(each.candidacy_id) in form.people.data}

    def act(db: Session) -> str:
        messages.post_to_several(db, places, form.text.data or "", by=current_user.id, at=now())
        return url_for("advisor.dossier.board")

    session["notice"] = review.sent_message(len(places))
    return run_once(form.nonce.data, act)


@bp.get("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/reponses")
@candidacy_page(Permission.ANSWER_ADVISOR)
def answer_form(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Show the conversation alone, with the form of the candidate's answer."""
    return answering_page(case, competency_id, MessageForm(formdata=None))


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/reponses")
@candidacy_page(Permission.ANSWER_ADVISOR)
def send_answer(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Return the advisor about a competency, or show the form again."""
    form = MessageForm()
    if not form.validate():
        return answering_page(case, competency_id, form), 422
    return _send_message(case, competency_id, form)


def _send_message(case: CandidacyAccess, competency_id: UUID, form: MessageForm) -> ResponseReturnValue:
    def act(db: Session) -> str:
        text, until = form.text.data or "", form.seen_until
        messages.post_message(db, case.id, competency_id, text, by=current_user.id, at=now(), read_until=until)
        return thread_url(case, competency_id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        raise


@bp.post("/dossiers/<uuid:candidacy_id>/competences/<uuid:competency_id>/lu")
@candidacy_page(Permission.CONVERSE)
def mark_read(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep that what the page showed of the conversation was read."""
    form = ReadForm()
    if form.validate() and form.seen_until is not None:
        try:
            with transaction() as db:
                messages.mark_thread_read(db, case.id, competency_id, form.seen_until, by=current_user.id, at=now())
        except Refusal:
            abort(404)
    return Response(status=204) if is_autosave() else redirect(thread_url(case, competency_id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/messages/<uuid:remark_id>")
@candidacy_page(Permission.CONVERSE)
def message_form(case: CandidacyAccess, remark_id: UUID) -> ResponseReturnValue:
    """One's own message: correct it, or take it back."""
    found = _own(case, remark_id)
    form = EditMessageForm(formdata=None, text=found.remark.text, revision=str(found.remark.revision))
    return _remark(case, found, form)


@bp.post("/dossiers/<uuid:candidacy_id>/messages/<uuid:remark_id>")
@candidacy_page(Permission.CONVERSE)
def save_message(case: CandidacyAccess, remark_id: UUID) -> ResponseReturnValue:
    """Correct one's own message, or show what prevents it beside what was typed."""
    found, form = _own(case, remark_id), EditMessageForm()
    if not form.validate():
        return _remark(case, found, form), 422
    text, revision = form.text.data or "", form.seen_revision
    try:
        with transaction() as db:
            messages.edit_message(db, case.id, remark_id, text, revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return _remark(case, found, form, conflict=conflict), 409
    except Refusal as refusal:
        return _remark(case, _own(case, remark_id), form, refusal=refusal), 409
    session["notice"] = "Votre message est modifié."
    return redirect(thread_url(case, found.remark.competency_id), 303)


@bp.post("/dossiers/<uuid:candidacy_id>/messages/<uuid:remark_id>/retirer")
@candidacy_page(Permission.CONVERSE)
def withdraw_own_message(case: CandidacyAccess, remark_id: UUID) -> ResponseReturnValue:
    """Take one's own message back."""
    found = _own(case, remark_id)
    if not Form().validate():
        abort(400)
    with transaction() as db:
        messages.withdraw_message(db, case.id, remark_id, by=current_user.id, at=now())
    session["notice"] = "Votre message est retiré. Sa place reste visible, son texte est effacé."
    return redirect(thread_url(case, found.remark.competency_id), 303)


def _own(case: CandidacyAccess, remark_id: UUID) -> thread.OwnMessage:
    """Return the person's own message; the other one's can be read but not changed (403), a foreign one does not
    exist (404).
    """
    found = thread.find_own_message(read_session(), case.id, remark_id, current_user.id)
    if found is None:
        abort(404)
    if not found.entry.mine:
        abort(403)
    return found


def _remark(
    case: CandidacyAccess,
    found: thread.OwnMessage,
    form: EditMessageForm,
    *,
    conflict: Conflict | None = None,
    refusal: Refusal | None = None,
) -> str:
    refusal_text = review.REFUSALS[refusal.code](refusal.facts) if refusal else None
    back = thread_url(case, found.remark.competency_id)
    return render_template(
        "advisor/dossier/message.html",
        case=case,
        found=found,
        form=form,
        back=back,
        conflict=conflict,
        refusal=refusal_text,
        words=review,
    )


@bp.post("/accompagnement/<uuid:candidacy_id>/competences/<uuid:competency_id>/note")
@candidacy_page(Permission.ADVISE)
def save_private_note(case: CandidacyAccess, competency_id: UUID) -> ResponseReturnValue:
    """Keep the advisor's own note, which nobody else reads."""
    form = NoteForm()
    if not form.validate():
        return competency_page(case, competency_id, note=form), 422
    text, revision = form.note.data or "", form.seen_revision
    try:
        with transaction() as db:
            new_revision = thread.save_note(db, case.id, competency_id, text, revision, by=current_user.id, at=now())
    except Conflict as conflict:
        form.revision.data = str(conflict.revision)
        return competency_page(case, competency_id, note=form, conflict=conflict), 409
    except Refusal as refusal:
        if refusal.code is ReviewRefusal.OUT_OF_SCOPE:
            abort(404)
        raise
    if is_autosave():
        return autosaved(new_revision)
    session["notice"] = "Vos notes sont enregistrées."
    return redirect(url_for(".competency", candidacy_id=case.id, competency_id=competency_id, _anchor="notes"), 303)
