"""The rhythm of the candidate: a day or a session, steps of twenty minutes, a calendar file, and how to stop."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
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
from portfolio.domain.dossier.rules.pace import HOURS, STEP_MINUTES, step_days
from portfolio.domain.dossier.use_cases.progress import load_progress
from portfolio.domain.jury_session.rules.calendar_file import TIME_ZONE
from portfolio.domain.review.use_cases import pace as pace_use_cases
from portfolio.domain.review.use_cases.pace import OwnPace
from portfolio.files.filenames import attachment_headers
from portfolio.french_text import NBSP, date_fr
from portfolio.screens.candidate.dossier.blueprint import bp
from portfolio.screens.candidate.dossier.matrix import next_action_url
from portfolio.web.clock import now, today
from portfolio.web.forms import Form, FrenchDateField, RadioChoiceField, SelectChoiceField, pairs
from portfolio.wording.dossier.next_action import steps_left_message
from portfolio.wording.dossier.pace import LEAVING, step_message

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
