"""The order of passage: where each candidate's interview falls in the hours of a session."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.juror_card import HalfDay

DAY_MINUTES = 24 * 60
# The first minute of the afternoon: 13:00.
AFTERNOON_MINUTE = 13 * 60
MAX_INTERVIEW_MINUTES = 8 * 60


class ScheduleRefusal(StrEnum):
    """Why the hours of a session, its move or its cancellation are refused."""

    REVERSED = "schedule_reversed"
    NO_INTERVIEW = "schedule_no_interview"
    NO_ROOM = "schedule_no_room"
    ALREADY_CLOSED = "schedule_already_closed"
    CANCELLED = "schedule_cancelled"
    PAST_DAY = "schedule_past_day"
    PAST_HOUR = "schedule_past_hour"
    SEALED_LATER = "schedule_sealed_later"
    UNKNOWN_ORDER = "schedule_unknown_order"
    NOTHING_TO_SUMMON_TO = "schedule_nothing_to_summon_to"
    IRREGULAR_JURY = "schedule_irregular_jury"


@dataclass(frozen=True, slots=True)
class SessionHours:
    """The hours of a session in minutes after midnight, in Paris; the lunch break is optional."""

    start: int
    end: int
    interview: int
    pause: int = 0
    lunch_start: int | None = None
    lunch_end: int | None = None

    @property
    def refusal(self) -> ScheduleRefusal | None:
        """Return why these hours hold no interview; None when they can hold one."""
        lunch = (self.lunch_start, self.lunch_end)
        if not 0 <= self.start < self.end <= DAY_MINUTES or (None in lunch) is not (lunch == (None, None)):
            return ScheduleRefusal.REVERSED
        if self.lunch_start is not None and self.lunch_end is not None and self.lunch_start >= self.lunch_end:
            return ScheduleRefusal.REVERSED
        if not 0 < self.interview <= MAX_INTERVIEW_MINUTES or self.pause < 0:
            return ScheduleRefusal.NO_INTERVIEW
        return None


@dataclass(frozen=True, slots=True)
class Slot:
    """When one candidate is before the jury, in minutes after midnight."""

    start: int
    end: int

    @property
    def half(self) -> HalfDay:
        """Return the half of the day in which the interview begins."""
        return HalfDay.MORNING if self.start < AFTERNOON_MINUTE else HalfDay.AFTERNOON


def slots_in(hours: SessionHours, wanted: int) -> tuple[Slot, ...]:
    """Return the first interviews that fit, at most `wanted`: one after the other, with the pause, around the
    lunch break.
    """
    found: list[Slot] = []
    minute = hours.start
    while len(found) < wanted:
        if _meets_lunch(hours, minute):
            minute = hours.lunch_end or minute
        if minute + hours.interview > hours.end:
            break
        found.append(Slot(minute, minute + hours.interview))
        minute += hours.interview + hours.pause
    return tuple(found)


def halves_of(hours: SessionHours) -> frozenset[HalfDay]:
    """Return the halves of the day during which the session meets."""
    halves = {HalfDay.MORNING} if hours.start < AFTERNOON_MINUTE else set()
    return frozenset(halves | ({HalfDay.AFTERNOON} if hours.end > AFTERNOON_MINUTE else set()))


def _meets_lunch(hours: SessionHours, minute: int) -> bool:
    if hours.lunch_start is None or hours.lunch_end is None:
        return False
    return minute < hours.lunch_end and minute + hours.interview > hours.lunch_start


@dataclass(frozen=True, slots=True)
class ScheduleInput:
    """What the certifier types about the day: `hours` is None while they are not fixed."""

    held_on: date
    place: str
    site_id: UUID | None = None
    hours: SessionHours | None = None
    video_link: str = ""
    to_bring: str = ""
    day_contact: str = ""


def moved(order: Iterable[UUID], hearing: UUID, before: int) -> tuple[UUID, ...]:
    """Return an order of passage in which a hearing stands at another rank, from 0."""
    others = [each for each in order if each != hearing]
    rank = max(0, min(before, len(others)))
    return (*others[:rank], hearing, *others[rank:])
