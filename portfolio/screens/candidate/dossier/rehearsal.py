"""Rehearse the interview: the questions, the answers heard again, and who may hear them."""

from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.db.engine import read_session, transaction
from portfolio.domain.dossier.rules.rehearsal import MAX_SOUND_BYTES, RehearsalRefusal, sound_type
from portfolio.domain.dossier.use_cases.progress import load_progress
from portfolio.domain.review.use_cases import rehearsal as use_cases
from portfolio.errors import Refusal
from portfolio.files.conversion import dictation
from portfolio.files.conversion.codes import NotConverted
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, refusal_message
from portfolio.web.headers import MICROPHONE
from portfolio.web.request_limits import accepts_file
from portfolio.wording.dossier.rehearsal import (
    QUESTION_GONE,
    REFUSALS,
    VOICE_BUSY,
    VOICE_TOO_LONG,
    VOICE_UNREAD,
    question_message,
    question_parts,
)


class AnswerForm(Form):
    """The voice of the candidate on one question."""

    sound = FileField("Ma réponse", render_kw={"accept": "audio/*"})


@bp.get("/dossiers/<uuid:candidacy_id>/entrainement")
@candidacy_page(Permission.CONVERSE)
def rehearsal(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the questions and the answers to their candidate; to the advisor, what was shared."""
    return _page(case)


def _page(case: CandidacyAccess, fault: str = "", wrong: str = "") -> Response:
    db = read_session()
    answers = use_cases.list_answers(db, case.id, shared_only=not case.is_candidate)
    answered = {answer.question: answer for answer in answers}
    questions = use_cases.load_questions(db, case.id, today()) if case.is_candidate else []
    asked = [(question.code, *question_parts(question), answered.pop(question.code, None)) for question in questions]
    page = Response(
        render_template(
            "candidate/dossier/rehearsal.html",
            case=case,
            path=load_progress(db, case.id),
            asked=asked,
            others=list(answered.values()),
            form=AnswerForm(formdata=None),
            fault=fault,
            wrong=wrong,
        )
    )
    page.headers["Permissions-Policy"] = MICROPHONE
    return page


@bp.post("/dossiers/<uuid:candidacy_id>/entrainement")
@accepts_file(lambda _settings: MAX_SOUND_BYTES)
@candidacy_page(Permission.ANSWER_ADVISOR)
def answer_question(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the voice that answers one of the questions."""
    form = AnswerForm()
    asked = {each.code: each for each in use_cases.load_questions(read_session(), case.id, today())}
    question = asked.get(request.form.get("question", ""))
    if question is None:  # the dossier changed meanwhile
        return _page(case, QUESTION_GONE), 422
    sound = form.sound.data.read(MAX_SOUND_BYTES + 1) if form.validate() and form.sound.data else b""
    try:
        with transaction() as db:
            words = question_message(question)
            use_cases.save_answer(db, case.id, question.code, words, sound, by=current_user.id, at=now())
    except Refusal as refusal:
        if refusal.code not in RehearsalRefusal:
            raise
        page = _page(case, refusal_message(refusal), question.code)
        return page, 422
    session["notice"] = "Votre réponse est gardée. Personne d’autre ne l’entend."
    return _back(case)


@bp.get("/dossiers/<uuid:candidacy_id>/entrainement/<uuid:answer_id>/son")
@candidacy_page(Permission.CONVERSE)
def answer_sound(case: CandidacyAccess, answer_id: UUID) -> ResponseReturnValue:
    """Send the sound of an answer to its candidate, and to the advisor once it is shared."""
    row = use_cases.find_answer(read_session(), case.id, answer_id, shared_only=not case.is_candidate) or abort(404)
    return Response(row.sound, mimetype=row.media_type, headers={"Cache-Control": "private, no-store"})


@bp.post("/dossiers/<uuid:candidacy_id>/entrainement/<uuid:answer_id>")
@candidacy_page(Permission.ANSWER_ADVISOR)
def change_answer(case: CandidacyAccess, answer_id: UUID) -> ResponseReturnValue:
    """Share an answer with the advisor, take it back, or delete it."""
    with transaction() as db:
        row = use_cases.find_answer(db, case.id, answer_id, shared_only=False) or abort(404)
        if request.form.get("act") == "delete":
            use_cases.delete_answer(db, row, by=current_user.id, at=now())
        else:
            shared = request.form.get("act") == "share"
            use_cases.share_answer(db, row, shared, by=current_user.id, at=now())
    return _back(case)


@bp.post("/dossiers/<uuid:candidacy_id>/dictee")
@accepts_file(lambda _settings: MAX_SOUND_BYTES)
@candidacy_page(Permission.EDIT_DRAFT)
def transcribe(case: CandidacyAccess) -> ResponseReturnValue:  # noqa: ARG001 - the decorator says whose draft it is
    """Put a recorded voice in writing, for its author to read again; neither the sound nor the words are kept."""
    model = current_app.config["SETTINGS"].whisper_model
    if not dictation.can_transcribe(model):
        abort(404)
    form = AnswerForm()
    sound = form.sound.data.read(MAX_SOUND_BYTES + 1) if form.validate() and form.sound.data else b""
    kind = sound_type(sound)
    if kind is None:
        return {"fault": REFUSALS[RehearsalRefusal.NO_SOUND]({})}, 422
    if len(sound) > MAX_SOUND_BYTES:
        return {"fault": VOICE_TOO_LONG}, 422
    try:
        text = dictation.transcribe(sound, kind, model)
    except TimeoutError:
        return {"fault": VOICE_BUSY}, 503
    except NotConverted:
        return {"fault": VOICE_UNREAD}, 422
    return ({"fault": VOICE_TOO_LONG}, 422) if text is None else {"text": text}


def _back(case: CandidacyAccess) -> ResponseReturnValue:
    return redirect(url_for("candidate.dossier.rehearsal", candidacy_id=case.id), 303)
