"""The order of passage: where each candidate's interview falls in the hours of a session.

The summons of one person to one session: what was sent, what has changed since, what the person answered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.juror_card import HalfDay

DAY_MINUTES = 24 * 60
# The first minute of the afternoon: 13:00.
AFTERNOON_MINUTE = 13 * 60
MAX_INTERVIEW_MINUTES = 8 * 60


class ScheduleRefusal(StrEnum):
    """Reasons why the hours of a session, its move or its cancellation are refused."""

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
    """Time of one candidate before the jury, in minutes after midnight."""

    start: int
    end: int

    @property
    def half(self) -> HalfDay:
        """Return the half of the day in which the interview begins."""
        return HalfDay.MORNING if self.start < AFTERNOON_MINUTE else HalfDay.AFTERNOON


def slots_in(hours: SessionHours, wanted: int, more: Sequence[int] = ()) -> tuple[Slot, ...]:
    """Return the first interviews that fit, at most `wanted`: one after the other, with the pause, around the
    lunch break. `more` lengthens each by the minutes that an accommodation gives.
    """
    found: list[Slot] = []
    minute = hours.start
    for length in (hours.interview + extra for extra in [*more, *[0] * wanted][:wanted]):
        minute = _after_lunch(hours, minute, length)
        if minute + length > hours.end:
            break
        found.append(Slot(minute, minute + length))
        minute += length + hours.pause
    return tuple(found)


def free_slot(hours: SessionHours, taken: Iterable[Slot], more: int = 0) -> Slot | None:
    """Return the first free interview beside those taken, longer by `more` minutes; None when the day is full."""
    minute, length = hours.start, hours.interview + more
    for slot in sorted(taken, key=lambda each: each.start):
        if _after_lunch(hours, minute, length) + length + hours.pause <= slot.start:
            break
        minute = max(minute, slot.end + hours.pause)
    minute = _after_lunch(hours, minute, length)
    return Slot(minute, minute + length) if minute + length <= hours.end else None


def halves_of(hours: SessionHours) -> frozenset[HalfDay]:
    """Return the halves of the day during which the session meets."""
    halves = {HalfDay.MORNING} if hours.start < AFTERNOON_MINUTE else set()
    return frozenset(halves | ({HalfDay.AFTERNOON} if hours.end > AFTERNOON_MINUTE else set()))


def _after_lunch(hours: SessionHours, minute: int, length: int) -> int:
    if hours.lunch_start is None or hours.lunch_end is None:
        return minute
    return hours.lunch_end if minute < hours.lunch_end and minute + length > hours.lunch_start else minute


@dataclass(frozen=True, slots=True)
class ScheduleInput:
    """Values that the certifier types about the day: `hours` is None while they are not fixed."""

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


# A person who has not answered is reminded that many days before the session.
REMIND_DAYS = 7


class SummonedAs(StrEnum):
    """Readers of a summons."""

    CANDIDATE = "candidate"
    JUROR = "juror"


class CalendarMethod(StrEnum):
    """Acts that a calendar file does to the entry of its reader (RFC 5546)."""

    REQUEST = "request"
    CANCEL = "cancel"


class SummonsAnswer(StrEnum):
    """Answers of a summoned person."""

    RECEIVED = "received"
    CANNOT_COME = "cannot_come"


class SummonsObstacle(StrEnum):
    """Facts that a session lacks before its summons are written."""

    HOURS = "hours"
    PLACE = "place"
    # The jury is not complete, or not regular: it is said, and the body may still write.
    COMPOSITION = "composition"


class SendingReason(StrEnum):
    """Reasons why a letter of a summons was written."""

    FIRST = "first"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class SummonsEvent:
    """Moment and place at which a person is expected; `is_whole_day` while the hours are not fixed."""

    starts_at: datetime
    ends_at: datetime
    place: str
    video_link: str = ""
    is_whole_day: bool = False


@dataclass(frozen=True, slots=True)
class SentSummons:
    """The last summons written to a person, and whether it cancels the earlier ones."""

    event: SummonsEvent
    method: CalendarMethod
    sequence: int


def summons_obstacles(*, has_hours: bool, has_place: bool, is_regular: bool) -> tuple[SummonsObstacle, ...]:
    """Return what prevents the summons of a session: day, hours, place and jury stand first (design)."""
    stands = {
        SummonsObstacle.HOURS: has_hours,
        SummonsObstacle.PLACE: has_place,
        SummonsObstacle.COMPOSITION: is_regular,
    }
    return tuple(obstacle for obstacle, holds in stands.items() if not holds)


def is_outdated(sent: SentSummons | None, event: SummonsEvent) -> bool:
    """Return whether the person has not been written this day, these hours and this place."""
    return sent is None or sent.method is CalendarMethod.CANCEL or sent.event != event


def next_sequence(sent: SentSummons | None) -> int:
    """Return the number of the next calendar file: 0 for the first one, then one more each time (RFC 5545)."""
    return 0 if sent is None else sent.sequence + 1


def remind_after(starts_at: datetime, at: datetime) -> datetime | None:
    """Return when a person who has not answered is reminded; None when that moment has passed."""
    moment = starts_at - timedelta(days=REMIND_DAYS)
    return moment if moment > at else None
