"""The summons of one person to one session: what was sent, what has changed since, what the person
answered.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

# A person who has not answered is reminded that many days before the session.
REMIND_DAYS = 7


class SummonedAs(StrEnum):
    """Whom a summons is for."""

    CANDIDATE = "candidate"
    JUROR = "juror"


class CalendarMethod(StrEnum):
    """What a calendar file does to the entry of its reader (RFC 5546)."""

    REQUEST = "request"
    CANCEL = "cancel"


class SummonsAnswer(StrEnum):
    """What a summoned person answered."""

    RECEIVED = "received"
    CANNOT_COME = "cannot_come"


class SummonsObstacle(StrEnum):
    """What a session lacks before its summons are written."""

    HOURS = "hours"
    PLACE = "place"
    # The jury is not complete, or not regular: it is said, and the body may still write.
    COMPOSITION = "composition"


class SendingReason(StrEnum):
    """Why a letter of a summons was written."""

    FIRST = "first"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    REMINDER = "reminder"


@dataclass(frozen=True, slots=True)
class SummonsEvent:
    """When and where a person is expected; `is_whole_day` while the hours are not fixed."""

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
    """Return the number of the next calendar file: 0 for the first one, then one more each time (RFC
    5545).
    """
    return 0 if sent is None else sent.sequence + 1


def remind_after(starts_at: datetime, at: datetime) -> datetime | None:
    """Return when a person who has not answered is reminded; None when that moment has passed."""
    moment = starts_at - timedelta(days=REMIND_DAYS)
    return moment if moment > at else None
