"""The day of a session: its date, hours, place, what people bring; its cancellation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from wtforms.validators import ValidationError

from portfolio.domain.jury.models.sessions import JurySession
from portfolio.domain.jury.rules.passage import ScheduleInput, ScheduleRefusal, SessionHours
from portfolio.domain.jury.use_cases.passage import hours_of
from portfolio.web.forms import (
    FrenchDateField,
    IdempotentForm,
    MultiLineField,
    SelectChoiceField,
    SingleLineField,
    VersionedForm,
)
from portfolio.wording.jury.schedule import REFUSALS

_TIME = re.compile(r"(\d{1,2})\s*(?:h|H|:)\s*(\d{2})?")
_LINK = re.compile(r"https?://[^\s<>\"]{3,}")
INTERVIEW_MINUTES = 60


def minute_of(text: str) -> int | None:
    """Return the minutes after midnight of an hour as browsers send it or as people write it; None for no
    hour.
    """
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
        """The hour in minutes after midnight."""
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
            (self.end if self.start.data else self.start).errors = [
                "Donnez les deux heures, le début et la fin."
            ]
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


def schedule_form(sites: Sequence[tuple[str, str]], jury: JurySession) -> ScheduleForm:
    """Open the form on a session."""
    hours = hours_of(jury)
    kept: dict[str, Any] = {
        "held_on": jury.held_on,
        "place": jury.place,
        "site_id": jury.site_id,
    }
    kept |= {name: getattr(jury, name) or "" for name in ("video_link", "to_bring", "day_contact")}
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
    """Why a session does not take place."""

    reason = MultiLineField(
        "Motif de l’annulation", missing="Écrivez pourquoi la session n’a pas lieu.", limit=2000
    )
