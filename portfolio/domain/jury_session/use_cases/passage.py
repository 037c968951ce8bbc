"""The hours of a session as its rows hold them, and the interview of a candidate who joins it."""

from collections.abc import Collection
from datetime import datetime

from portfolio.domain.jury.models.sessions import Hearing, JurySession
from portfolio.domain.jury.rules.passage import SessionHours, slots_in


def hours_of(jury: JurySession) -> SessionHours | None:
    """Return the hours of a session; None while they are not fixed."""
    if jury.start_minute is None or jury.end_minute is None or jury.interview_minutes is None:
        return None
    lunch = (jury.lunch_start_minute, jury.lunch_end_minute)
    return SessionHours(jury.start_minute, jury.end_minute, jury.interview_minutes, jury.pause_minutes or 0, *lunch)


def order_of(hearings: Collection[Hearing]) -> list[Hearing]:
    """Return hearings in the order of passage; those without an hour come last, the oldest deposit first."""
    return sorted(hearings, key=lambda row: (row.start_minute is None, row.start_minute or 0, *_deposit(row)))


def is_by_deposit(hearings: Collection[Hearing]) -> bool:
    """Return whether the order of passage is that of the deposits, the oldest first."""
    ordered = [row.id for row in order_of(hearings)]
    return ordered == [row.id for row in sorted(hearings, key=_deposit)]


def _deposit(row: Hearing) -> tuple[datetime, int]:
    return row.submission.submitted_at, row.id.int


def place_in_day(jury: JurySession, hearing: Hearing) -> None:
    """Give a candidate who joins a session the next free interview; none while hours are not fixed, or when
    they are full.
    """
    hearing.start_minute = hearing.end_minute = None
    hours = hours_of(jury)
    if hours is None:
        return
    taken = {row.start_minute for row in jury.hearings if row is not hearing and row.id != hearing.id}
    free = next((slot for slot in slots_in(hours, len(taken) + 1) if slot.start not in taken), None)
    if free is not None:
        hearing.start_minute, hearing.end_minute = free.start, free.end
