"""The certifier sets the day of a session, the order of passage, writes the summons, cancels the session.

The day of a session: its date, hours, place, what people bring; its cancellation.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from flask import abort, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session
from wtforms.validators import ValidationError

from portfolio.access.decorators import session_page
from portfolio.access.jury import SessionAccess
from portfolio.access.policy import Permission
from portfolio.db.engine import close_read_session, read_session, transaction
from portfolio.domain.certification.use_cases.partners import list_sites, site_choices
from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.models.statements import Summons
from portfolio.domain.jury.rules.passage import ScheduleInput, ScheduleRefusal, SessionHours, SummonsAnswer, moved
from portfolio.domain.jury_session.use_cases import letters, summons_answers
from portfolio.domain.jury_session.use_cases import schedule as schedule_use_cases
from portfolio.domain.jury_session.use_cases.planning import find_latest_session, hours_of, order_of
from portfolio.domain.jury_session.use_cases.sittings import candidates_under_way
from portfolio.domain.jury_session.use_cases.summons import SessionSite, choose_site, site_of_session
from portfolio.errors import Conflict, Refusal
from portfolio.screens.account.navigation import delivery_notice
from portfolio.screens.blueprints import blueprint_of
from portfolio.screens.certifier.sessions import page_queries
from portfolio.screens.juror.forms.declarations import SessionSiteForm
from portfolio.web.clock import now
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
    refusal_message,
    remember_result,
    run_once,
    run_or_refuse,
)
from portfolio.wording.certification.register import habilitation_sentence
from portfolio.wording.jury.schedule import REFUSALS

bp = blueprint_of(__name__)

_TIME = re.compile(r"(\d{1,2})\s*(?:h|H|:)\s*(\d{2})?")
_LINK = re.compile(r"https?://[^\s<>\"]{3,}")
INTERVIEW_MINUTES = 60


def minute_of(text: str) -> int | None:
    """Return the minutes after midnight of an hour as browsers send it or as people write it; None for no hour."""
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    hour, minute = int(match[1]), int(match[2] or 0)
    return hour * 60 + minute if minute < 60 and hour * 60 + minute <= 24 * 60 else None


class HourField(SingleLineField):
    """An hour of the day, kept as it was typed."""

    def __init__(self, label: str, **more: Any) -> None:
        super().__init__(label, limit=10, **more)

    def post_validate(self, form: Any, validation_stopped: bool) -> None:  # noqa: ARG002
        """Refuse what is no hour."""
        if self.data and minute_of(self.data) is None:
            raise ValidationError("Écrivez l’heure sous la forme 9:00 ou 14 h 30.")

    @property
    def minute(self) -> int | None:
        """Return the hour in minutes after midnight."""
        return minute_of(self.data or "")


class ScheduleForm(VersionedForm):
    """The day, the hours and the place of a session."""

    held_on = FrenchDateField("Date", missing="Donnez la date à laquelle le jury se réunit.")
    start = HourField("Début")
    end = HourField("Fin")
    interview = SingleLineField("Durée d’un passage, en minutes", limit=4)
    pause = SingleLineField("Pause entre deux passages, en minutes", limit=4)
    lunch_start = HourField("Pause de midi, début")
    lunch_end = HourField("Pause de midi, fin")
    site_id = SelectChoiceField("Lieu enregistré", UUID)
    place = SingleLineField("Lieu", limit=300)
    video_link = SingleLineField("Lien de visioconférence", limit=500)
    to_bring = MultiLineField("Ce que les candidats apportent", limit=1000)
    day_contact = SingleLineField("Qui appeler le jour même", limit=300)
    reason = MultiLineField("Pourquoi la séance commencée s’arrête", limit=2000)

    def __init__(self, sites: Sequence[tuple[str, str]], **more: Any) -> None:
        super().__init__(**more)
        self._sites = dict(sites)
        self.site_id.choices = [("", "Aucun lieu enregistré"), *sites]

    def validate_video_link(self, field: SingleLineField) -> None:
        """A link begins with its protocol."""
        if field.data and not _LINK.fullmatch(field.data):
            raise ValidationError("Collez le lien entier, qui commence par https://")

    def _check_minutes(self, field: SingleLineField) -> None:
        if field.data and not (field.data.isascii() and field.data.isdecimal()):
            raise ValidationError("Écrivez un nombre entier de minutes.")

    validate_interview = validate_pause = _check_minutes

    def validate(self, extra_validators: Any = None) -> bool:
        """Ask for a place or a link, and for hours that hold an interview, each where it is typed."""
        super().validate(extra_validators)
        if not self.place.data and self.site_id.data:
            self.place.data = self._sites.get(str(self.site_id.data), "")[:300]
        if not self.place.data and self.video_link.data and not self.place.errors:
            self.place.data = "à distance"
        if not self.place.data and not self.place.errors:
            self.place.errors = ["Dites où le jury se réunit, ou donnez le lien de visioconférence."]
        if not self.errors:
            self._check_hours()
        return not self.errors

    def _check_hours(self) -> None:
        typed = (self.start.data, self.end.data)
        if not any(typed):
            return
        if not all(typed):
            (self.end if self.start.data else self.start).errors = ["Donnez les deux heures, le début et la fin."]
            return
        hours = self._hours()
        refusal = hours.refusal if hours else None
        if refusal is not None:
            field = self.interview if refusal is ScheduleRefusal.NO_INTERVIEW else self.end
            field.errors = [REFUSALS[refusal]({})]

    def _hours(self) -> SessionHours | None:
        start, end = self.start.minute, self.end.minute
        if start is None or end is None:
            return None
        minutes = (int(self.interview.data or INTERVIEW_MINUTES), int(self.pause.data or 0))
        return SessionHours(start, end, *minutes, self.lunch_start.minute, self.lunch_end.minute)

    def value(self) -> ScheduleInput:
        """Return what was typed."""
        texts = (self.video_link.data or "", self.to_bring.data or "", self.day_contact.data or "")
        day = self.held_on.data or date.min  # the form requires one
        return ScheduleInput(day, self.place.data or "", self.site_id.data or None, self._hours(), *texts)


def schedule_form(
    sites: Sequence[tuple[str, str]], jury: JurySession, former: JurySession | None = None
) -> ScheduleForm:
    """Open the form on a session; while its hours are not fixed, on those of a former one."""
    hours = hours_of(former or jury)
    kept: dict[str, Any] = {"held_on": jury.held_on, "place": jury.place, "site_id": jury.site_id}
    kept |= {"video_link": jury.video_link or ""}
    kept |= {name: getattr(jury, name) or getattr(former, name, "") or "" for name in ("to_bring", "day_contact")}
    kept |= {"interview": str(INTERVIEW_MINUTES)}
    if hours is not None:
        kept |= {"start": _typed(hours.start), "end": _typed(hours.end), "interview": str(hours.interview)}
        kept |= {
            "pause": str(hours.pause),
            "lunch_start": _typed(hours.lunch_start),
            "lunch_end": _typed(hours.lunch_end),
        }
    return ScheduleForm(sites, formdata=None, revision=str(jury.schedule_revision or 0), **kept)


def _typed(minute: int | None) -> str:
    return "" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


class CancelForm(IdempotentForm):
    """Reason why a session does not take place."""

    reason = MultiLineField("Motif de l’annulation", missing="Écrivez pourquoi la session n’a pas lieu.", limit=2000)


@bp.get("/sessions/<uuid:session_id>/journee")
@session_page(Permission.MANAGE_SESSION)
def schedule(case: SessionAccess) -> ResponseReturnValue:
    """Show the form of the day."""
    return _schedule_page(case)


@bp.post("/sessions/<uuid:session_id>/journee")
@session_page(Permission.MANAGE_SESSION)
def save_schedule(case: SessionAccess) -> ResponseReturnValue:
    """Set the day, or say what prevents it and keep what was typed."""
    form = ScheduleForm(_sites(case))
    if not form.validate():
        return _schedule_page(case, form), 422
    try:
        with transaction() as db:
            schedule_use_cases.set_schedule(
                db,
                case.id,
                form.value(),
                revision=form.seen_revision,
                reason=form.reason.data or "",
                by=current_user.id,
                at=now(),
            )
            remember_result(db, url_for(".session", session_id=case.id, _anchor="convocations"))
    except Conflict as conflict:
        close_read_session()
        form.revision.data = str(conflict.revision)
        return _schedule_page(case, form, theirs=conflict.theirs), 409
    except Refusal as refusal:
        close_read_session()
        return _schedule_page(case, form, stopped=refusal_message(refusal)), 409
    session["notice"] = "La journée est enregistrée. Aucun courrier n’est parti."
    return redirect(url_for(".session", session_id=case.id, _anchor="convocations"), 303)


@bp.post("/sessions/<uuid:session_id>/passage")
@session_page(Permission.MANAGE_SESSION)
def order_passage(case: SessionAccess) -> ResponseReturnValue:
    """Move a candidate one rank up or down in the order of passage."""
    jury = read_session().get_one(JurySession, case.id)
    order = [row.id for row in order_of(jury.hearings)]
    wanted = next((row for row in order if str(row) == request.form.get("hearing_id")), None)
    if wanted is None:
        abort(404)
    rank = order.index(wanted) + (1 if request.form.get("direction") == "down" else -1)
    text = request.form.get("revision", "")
    revision = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    try:
        with transaction() as db:
            new_order = moved(order, wanted, rank)
            schedule_use_cases.order_hearings(db, case.id, new_order, revision=revision, by=current_user.id, at=now())
    except Conflict:
        session["notice"] = "Entre-temps, la journée a été changée par quelqu’un d’autre. Voici l’ordre d’aujourd’hui."
    return redirect(url_for(".session", session_id=case.id, _anchor="candidats"), 303)


@bp.get("/sessions/<uuid:session_id>/annulation")
@session_page(Permission.MANAGE_SESSION)
def cancel_form(case: SessionAccess) -> ResponseReturnValue:
    """Show what cancelling does, and ask why."""
    return _cancel_page(case, CancelForm(formdata=None))


@bp.post("/sessions/<uuid:session_id>/annulation")
@session_page(Permission.MANAGE_SESSION)
def cancel_session(case: SessionAccess) -> ResponseReturnValue:
    """Cancel the session and write to everybody concerned."""
    form = CancelForm()
    if not form.validate():
        return _cancel_page(case, form), 422

    def act(db: Session) -> str:
        schedule_use_cases.cancel_session(db, case.id, form.reason.data or "", by=current_user.id, at=now())
        session["notice"] = f"La session est annulée. {delivery_notice(several=True)}"
        return url_for(".session", session_id=case.id)

    try:
        return run_once(form.nonce.data, act)
    except Refusal as refusal:
        close_read_session()
        return _cancel_page(case, form, refusal_message(refusal)), 409


@bp.post("/sessions/<uuid:session_id>/convocations")
@session_page(Permission.MANAGE_SESSION)
def write_summons(case: SessionAccess) -> ResponseReturnValue:
    """Write to each person who has not been written the day as it is now."""

    despite = request.form.get("despite") == "irregular"

    def act(db: Session) -> str:
        jury = db.get_one(JurySession, case.id, with_for_update=True)
        written = (
            schedule_use_cases.write_due_summons(db, jury, by=current_user.id, at=now(), despite_irregularity=despite)
            if jury.cancelled_at is None
            else 0
        )
        session["notice"] = delivery_notice(several=written > 1) if written else "Personne n’attendait de courrier."
        return url_for(".session", session_id=case.id, _anchor="convocations")

    return _run_once(act)


@bp.post("/sessions/<uuid:session_id>/auditions/<uuid:hearing_id>/reprise")
@session_page(Permission.MANAGE_SESSION)
def write_resumption(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Write to a candidate and to their jury when a suspended sitting resumes."""

    def act(db: Session) -> str:
        _hearing_or_404(db, case, hearing_id)
        written = letters.write_resumption(db, hearing_id, by=current_user.id, at=now())
        session["notice"] = delivery_notice(several=True) if written else "Ce jour est déjà écrit à chacun."
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return _run_once(act)


@bp.post("/sessions/<uuid:session_id>/auditions/<uuid:hearing_id>/absence")
@session_page(Permission.MANAGE_SESSION)
def write_absence(case: SessionAccess, hearing_id: UUID) -> ResponseReturnValue:
    """Write to a candidate that the jury met without them."""

    def act(db: Session) -> str:
        _hearing_or_404(db, case, hearing_id)
        letters.write_absence(db, hearing_id, by=current_user.id, at=now())
        session["notice"] = delivery_notice(several=False)
        return url_for(".session", session_id=case.id, _anchor="candidats")

    return _run_once(act)


def _hearing_or_404(db: Session, case: SessionAccess, hearing_id: UUID) -> None:
    hearing = db.get(Hearing, hearing_id)
    if hearing is None or hearing.session_id != case.id:
        abort(404)


@bp.post("/sessions/<uuid:session_id>/convocations/<uuid:summons_id>")
@session_page(Permission.MANAGE_SESSION)
def record_answer(case: SessionAccess, summons_id: UUID) -> ResponseReturnValue:
    """Record an answer that a person gave to the body, or write them a reminder."""
    asked = request.form.get("do", "")

    def act(db: Session) -> str:
        query = select(Summons).where(Summons.id == summons_id, Summons.session_id == case.id).with_for_update()
        row = db.scalar(query)
        if row is None:
            abort(404)
        if asked in set(SummonsAnswer):
            summons_answers.answer_summons(db, row, SummonsAnswer(asked), by=current_user.id, at=now())
        elif letters.remind(db, row, at=now()):
            session["notice"] = delivery_notice()
        return url_for(".session", session_id=case.id, _anchor="convocations")

    return _run_once(act)


def _run_once(act: Any) -> ResponseReturnValue:
    form = IdempotentForm()
    form.validate()
    return run_once(form.nonce.data, act)


def _sites(case: SessionAccess) -> list[tuple[str, str]]:
    return list(site_choices(list_sites(read_session(), case.body_id)))


def _schedule_page(case: SessionAccess, form: ScheduleForm | None = None, **more: Any) -> str:
    jury = read_session().get_one(JurySession, case.id)
    is_new = form is None and hours_of(jury) is None
    former = find_latest_session(read_session(), jury.body_id, has_hours=True) if is_new else None
    shown = form or schedule_form(_sites(case), jury, former)
    more["begun"] = candidates_under_way(read_session(), jury.id)
    return render_template("certifier/sessions/schedule.html", jury=jury, form=shown, former=former, **more)


def _cancel_page(case: SessionAccess, form: CancelForm, stopped: str = "") -> str:
    jury = read_session().get_one(JurySession, case.id)
    return render_template("certifier/sessions/cancel.html", jury=jury, form=form, stopped=stopped)


@bp.get("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def site(case: SessionAccess) -> ResponseReturnValue:
    """Show the recorded site of a session, and the form that chooses another."""
    form = _form(case, formdata=None)
    chosen = site_of_session(read_session(), case.id)
    form.site_id.data = chosen.id if chosen else None
    return _page(case, form, chosen)


@bp.post("/sessions/<uuid:session_id>/lieu")
@session_page(Permission.MANAGE_SESSION)
def record_site(case: SessionAccess) -> ResponseReturnValue:
    """Record the site of a session."""
    form = _form(case)
    if not form.validate():
        return _page(case, form, site_of_session(read_session(), case.id)), 422

    def act(db: Session) -> str:
        choose_site(db, case.id, form.site_id.data, by=current_user.id, at=now())
        return url_for(".session", session_id=case.id)

    return run_or_refuse(
        form.nonce.data,
        act,
        lambda stopped: _page(case, form, site_of_session(read_session(), case.id), stopped),
        "Le lieu de la session est enregistré. Les convocations déjà écrites ne changent pas.",
    )


def _form(case: SessionAccess, **more: Any) -> SessionSiteForm:
    return SessionSiteForm(site_choices(list_sites(read_session(), case.body_id)), **more)


def _page(case: SessionAccess, form: SessionSiteForm, chosen: SessionSite | None, stopped: str = "") -> str:
    page = page_queries.load_session_page(read_session(), case.id)
    says = habilitation_sentence(chosen.answer) if chosen and chosen.answer else ""
    return render_template(
        "certifier/sessions/site.html", case=case, page=page, form=form, chosen=chosen, says=says, stopped=stopped
    )
