"""The one thing to do next about a session, for the body that holds it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class SessionStep(StrEnum):
    """What the body does next about a session, the most pressing first."""

    CANCELLED = "cancelled"
    NAME_MEMBER = "name_member"
    MAKE_REGULAR = "make_regular"
    FILL_SEAT = "fill_seat"
    MAKE_REGULAR_FOR = "make_regular_for"
    REPLACE_ABSENT = "replace_absent"
    UPDATE_SUMMONS = "update_summons"
    LIST_CANDIDATE = "list_candidate"
    FIX_DAY = "fix_day"
    WRITE_SUMMONS = "write_summons"
    RESUME = "resume"
    FOLLOW = "follow"
    OVER = "over"
    PAST = "past"
    TOO_NEAR = "too_near"
    READY = "ready"


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What decides the next step of a session; `days` counts to its day, negative once it has passed.

    `possible`: sealed dossiers that it could hear; `reading_days`: how long a jury reads, at least.
    """

    days: int
    reading_days: int
    is_cancelled: bool = False
    is_closed: bool = False
    has_empty_seat: bool = False
    is_irregular: bool = False
    is_vacant_for_one: bool = False
    is_irregular_for_one: bool = False
    absent: int = 0
    listed: int = 0
    open: int = 0
    suspended: int = 0
    possible: int = 0
    outdated: int = 0
    unsummoned: int = 0
    has_hours_and_place: bool = False


def session_step(facts: SessionFacts) -> SessionStep:
    """Return the next step: first what prevents the jury, then who must be written to, then the day (design).

    Nobody is summoned to a day that has passed, nor while no candidate is listed; on the day itself, the jury
    is followed.
    """
    to_come = facts.days >= 0 and facts.open > facts.suspended
    to_summon = to_come and facts.days > 0 and facts.unsummoned > 0
    asked = {
        SessionStep.CANCELLED: facts.is_cancelled,
        SessionStep.NAME_MEMBER: facts.has_empty_seat and not facts.is_closed,
        SessionStep.MAKE_REGULAR: facts.is_irregular,
        SessionStep.FILL_SEAT: facts.is_vacant_for_one,
        SessionStep.MAKE_REGULAR_FOR: facts.is_irregular_for_one,
        SessionStep.REPLACE_ABSENT: to_come and facts.absent > 0,
        SessionStep.UPDATE_SUMMONS: to_come and facts.outdated > 0,
        SessionStep.LIST_CANDIDATE: facts.possible > 0
        and not facts.open
        and facts.days >= facts.reading_days,
        SessionStep.FIX_DAY: to_summon and not facts.has_hours_and_place,
        SessionStep.WRITE_SUMMONS: to_summon,
        SessionStep.RESUME: 0 < facts.suspended == facts.open,
        SessionStep.FOLLOW: facts.open > 0,
        SessionStep.OVER: facts.listed > 0,
        SessionStep.PAST: facts.days < 0,
        SessionStep.TOO_NEAR: facts.possible > 0,
    }
    return next((step for step, applies in asked.items() if applies), SessionStep.READY)
