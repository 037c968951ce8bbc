"""Validity of a granted block: permanent, unless its version or its own certificate says otherwise (R6)."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date

from portfolio.domain.holdings.rules.facts import GrantingEvent, Source


def end_of_validity(granted_on: date, months: int | None) -> date | None:
    """Return the last day on which a block granted that day is valid; None without a limit of its own.

    The months are counted from the grant, to the day of the same number, or to the last day of a shorter
    month.
    """
    if months is None:
        return None
    year, month = divmod(granted_on.year * 12 + granted_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(granted_on.day, last))


def first_end(ends: Iterable[date | None]) -> date | None:
    """Return the earliest of several ends of validity; None when none of them is limited."""
    return min((end for end in ends if end is not None), default=None)


def lasts_until(day: date, end: date | None) -> bool:
    """Return whether a validity that ends some day, or never, has not ended before another one."""
    return end is None or day <= end


def is_valid_on(day: date, event: GrantingEvent) -> bool:
    """Return whether what an act gave is valid on some day."""
    return event.on <= day and lasts_until(day, event.until)


def outlasts(event: GrantingEvent, other: GrantingEvent) -> bool:
    """Return whether what an act gave is valid for longer than what another one gave."""
    return other.until is not None and (event.until is None or event.until > other.until)


def standing_events(events: Sequence[GrantingEvent]) -> tuple[GrantingEvent, ...]:
    """Return the acts that each stand for a block: the first, and each later one that is valid for longer
    than every act before (R6, R13).
    """
    if len(events) < 2:
        return tuple(events)
    standing: list[GrantingEvent] = []
    for event in sorted(events, key=_by_day_then_length):
        if not standing or outlasts(event, standing[-1]):
            standing.append(event)
    return tuple(standing)


def _by_day_then_length(event: GrantingEvent) -> tuple[date, int, bool, GrantingEvent]:
    """Order acts by their day; of two acts of one day, the longer validity comes first, then one on the block
    itself: it has its own certificate.
    """
    is_derived = event.source is Source.EQUIVALENCE
    return event.on, -(event.until or date.max).toordinal(), is_derived, event


def event_on(day: date, events: Sequence[GrantingEvent]) -> GrantingEvent | None:
    """Return the act by which a block is valid on some day, the earliest of several; None without one."""
    return next((event for event in standing_events(events) if is_valid_on(day, event)), None)


def event_since(day: date, events: Sequence[GrantingEvent]) -> GrantingEvent | None:
    """Return the act by which a block is valid on some day, or the first that comes later; None when its
    validity had ended.
    """
    return next((event for event in standing_events(events) if lasts_until(day, event.until)), None)
