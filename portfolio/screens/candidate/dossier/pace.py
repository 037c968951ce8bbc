"""The candidate's rhythm until a chosen day, and the rehearsal of the interview."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, abort, current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from flask_wtf.file import FileField
from icalendar import Calendar, Event, Timezone
from wtforms import BooleanField
from wtforms.validators import ValidationError

from portfolio.access.candidacy import CandidacyAccess
from portfolio.access.decorators import candidacy_page
from portfolio.access.policy import Permission
from portfolio.calendar import PARIS
from portfolio.db.engine import read_session, transaction
from portfolio.domain.candidacy.rules.funnel import LeavingReason
from portfolio.domain.dossier.rules.next_action import NextAction
from portfolio.domain.dossier.rules.rehearsal import (
    HOURS,
    MAX_SOUND_BYTES,
    STEP_MINUTES,
    RehearsalRefusal,
    sound_type,
    step_days,
)
from portfolio.domain.dossier.use_cases.progress import load_progress
from portfolio.domain.jury_session.rules.calendar_file import TIME_ZONE
from portfolio.domain.review.use_cases import pace as pace_use_cases
from portfolio.domain.review.use_cases import pace as use_cases
from portfolio.domain.review.use_cases.pace import OwnPace
from portfolio.errors import Refusal
from portfolio.files.conversion import dictation
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import NBSP, date_fr
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.candidate.dossier.matrix import next_action_url
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, FrenchDateField, RadioChoiceField, SelectChoiceField, pairs, refusal_message
from portfolio.web.headers import MICROPHONE
from portfolio.web.request_limits import accepts_file
from portfolio.wording.dossier.names import (
    QUESTION_GONE,
    REFUSALS,
    VOICE_BUSY,
    VOICE_TOO_LONG,
    VOICE_UNREAD,
    question_message,
    question_parts,
)
from portfolio.wording.dossier.next_action import steps_left_message
from portfolio.wording.dossier.pace import LEAVING, step_message

bp = blueprint_of(__name__)

# The steps that the page shows before the others are unfolded.
FIRST_STEPS = 6
_NO_SESSION = ""


class PaceForm(Form):
    """The day that a candidate aims at, and the letters about a silence."""

    jury = SelectChoiceField("La session de jury que vous visez", str)
    target_on = FrenchDateField("Le jour où vous voulez déposer")
    letters = BooleanField("M’écrire quand rien n’a bougé depuis 14 jours")
    hour = SelectChoiceField(
        "À quelle heure", int, choices=[(hour, f"{hour}{NBSP}h") for hour in HOURS], missing="Choisissez une heure."
    )

    def offer(self, sessions: Sequence[tuple[UUID, date, str]]) -> None:
        """Offer the sessions that a deposit can still precede."""
        shown = [(str(id), f"{date_fr(on)}, {place}") for id, on, place in sessions]
        self.jury.choices = pairs([(_NO_SESSION, "Aucune pour l’instant"), *shown])

    def validate_target_on(self, field: FrenchDateField) -> None:
        """A day to aim at is ahead."""
        if field.data and not today() < field.data < today() + timedelta(days=3 * 366):
            raise ValidationError("Choisissez un jour à venir, dans les trois ans.")


class StopForm(Form):
    """The reason why a candidate stops, in one tap."""

    reason = RadioChoiceField("Pourquoi", LeavingReason, choices=LEAVING, missing="Choisissez une raison.")


@bp.get("/dossiers/<uuid:candidacy_id>/rythme")
@candidacy_page(Permission.EDIT_DRAFT)
def pace(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the steps left, the day aimed at and the letters."""
    return _page(case, None)


def _page(case: CandidacyAccess, form: PaceForm | None) -> str:
    db = read_session()
    own = pace_use_cases.load_pace(db, case.id, current_user.id)
    sessions = pace_use_cases.list_sessions_ahead(db, case.version_id, today())
    if form is None:
        chosen = str(own.session_id) if own.session_id in {id for id, *_ in sessions} else _NO_SESSION
        day = None if chosen else own.until
        form = PaceForm(formdata=None, jury=chosen, target_on=day, letters=own.letters, hour=own.hour)
    form.offer(sessions)
    path = load_progress(db, case.id)
    steps = [
        {"text": step_message(step), "href": next_action_url(step, path), "on": date_fr(on) if on else ""}
        for step, on in zip(own.steps, _days(own), strict=True)
    ]
    shown = {"steps": steps, "first": FIRST_STEPS, "minutes": STEP_MINUTES, "leaving": LEAVING}
    summary = steps_left_message(len(steps), own.until, today())
    return render_template("candidate/dossier/pace.html", case=case, form=form, own=own, summary=summary, **shown)


def _days(own: OwnPace) -> Sequence[date | None]:
    if own.until is None or own.until <= today():
        return [None] * len(own.steps)
    return step_days(len(own.steps), today(), own.until)


@bp.post("/dossiers/<uuid:candidacy_id>/rythme")
@candidacy_page(Permission.EDIT_DRAFT)
def save_pace(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep the day aimed at and the letters, or show the form again."""
    form = PaceForm()
    form.offer(pace_use_cases.list_sessions_ahead(read_session(), case.version_id, today()))
    if not form.validate():
        return _page(case, form), 422
    jury = UUID(form.jury.data) if form.jury.data else None
    chosen = {"target_on": form.target_on.data, "session_id": jury, "letters": form.letters.data}
    with transaction() as db:
        pace_use_cases.choose_pace(db, case.id, **chosen, hour=form.hour.data, by=current_user.id, at=now())
    return _done("Votre rythme est enregistré.", case)


@bp.post("/dossiers/<uuid:candidacy_id>/rythme/arret")
@candidacy_page(Permission.EDIT_DRAFT)
def stop(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep that the candidate stops, and why."""
    form = StopForm()
    if not form.validate():
        return _page(case, None), 422
    with transaction() as db:
        pace_use_cases.leave(db, case.id, LeavingReason(str(form.reason.data)), by=current_user.id, at=now())
    return _done("C’est noté. Vous ne recevrez plus de rappel, et votre dossier reste ouvert.", case)


@bp.post("/dossiers/<uuid:candidacy_id>/rythme/reprise")
@candidacy_page(Permission.EDIT_DRAFT)
def resume(case: CandidacyAccess) -> ResponseReturnValue:
    """Keep that the candidate goes on."""
    with transaction() as db:
        pace_use_cases.resume(db, case.id, by=current_user.id, at=now())
    return _done("Bienvenue : votre livret vous attend.", case)


def _done(notice: str, case: CandidacyAccess) -> ResponseReturnValue:
    session["notice"] = notice
    return redirect(url_for("candidate.dossier.pace", candidacy_id=case.id), 303)


@bp.get("/dossiers/<uuid:candidacy_id>/rythme/etapes.ics")
@candidacy_page(Permission.EDIT_DRAFT)
def steps_calendar(case: CandidacyAccess) -> ResponseReturnValue:
    """Send the steps left as a calendar file; without a chosen day, one a week."""
    own = pace_use_cases.load_pace(read_session(), case.id, current_user.id)
    calendar = Calendar()
    calendar.add("prodid", "-//Acquis//Etapes//FR")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add_component(Timezone.from_ical(TIME_ZONE))
    for event in _events(case.id, own):
        calendar.add_component(event)
    return Response(calendar.to_ical(), headers=attachment_headers("etapes.ics", "text/calendar"))


def _events(candidacy_id: UUID, own: OwnPace) -> Iterator[Event]:
    days = _days(own)
    taken: dict[date, int] = {}
    for place, (step, on) in enumerate(zip(own.steps, days, strict=True)):
        day = on or today() + timedelta(days=7 * (place + 1))
        starts = datetime.combine(day, time(own.hour), PARIS) + timedelta(minutes=STEP_MINUTES * taken.get(day, 0))
        taken[day] = taken.get(day, 0) + 1
        event = Event()
        # The same step keeps its entry when the file is taken again.
        event.add("uid", f"{candidacy_id}-{step.step}-{_about(step)}@acquis")
        event.add("dtstamp", now())
        event.add("dtstart", starts)
        event.add("dtend", starts + timedelta(minutes=STEP_MINUTES))
        event.add("summary", f"{STEP_MINUTES}{NBSP}min{NBSP}: {step_message(step)}")
        event.add("url", url_for("candidate.dossier.home", candidacy_id=candidacy_id, _external=True))
        yield event


def _about(step: NextAction) -> Any:
    about = step.competency or step.piece
    return about.id if about else step.text or "dossier"


class AnswerForm(Form):
    """The voice of the candidate on one question."""

    sound = FileField("Ma réponse", render_kw={"accept": "audio/*"})


@bp.get("/dossiers/<uuid:candidacy_id>/entrainement")
@candidacy_page(Permission.CONVERSE)
def rehearsal(case: CandidacyAccess) -> ResponseReturnValue:
    """Show the questions and the answers to their candidate; to the advisor, what was shared."""
    return _rehearsal_page(case)


def _rehearsal_page(case: CandidacyAccess, fault: str = "", wrong: str = "") -> Response:
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
        return _rehearsal_page(case, QUESTION_GONE), 422
    sound = form.sound.data.read(MAX_SOUND_BYTES + 1) if form.validate() and form.sound.data else b""
    try:
        with transaction() as db:
            words = question_message(question)
            use_cases.save_answer(db, case.id, question.code, words, sound, by=current_user.id, at=now())
    except Refusal as refusal:
        if refusal.code not in RehearsalRefusal:
            raise
        page = _rehearsal_page(case, refusal_message(refusal), question.code)
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
