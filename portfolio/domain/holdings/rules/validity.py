"""Validity of a granted block: permanent, unless its version says otherwise (R6)."""

from __future__ import annotations

import calendar
from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from portfolio.domain.holdings.rules.facts import CertifiedBlock, GrantingEvent


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


def is_valid_on(day: date, granted_on: date, months: int | None) -> bool:
    """Return whether a block granted some day is valid on another one, that day or later."""
    end = end_of_validity(granted_on, months)
    return granted_on <= day and (end is None or day <= end)


def is_event_valid_on(day: date, event: GrantingEvent, months: int | None) -> bool:
    """Return the same of an act, which may give its own last day of validity, as a certificate of before
    does.
    """
    end = end_of_event(event, months)
    return event.on <= day and (end is None or day <= end)


def end_of_event(event: GrantingEvent, months: int | None) -> date | None:
    """Return the last day on which what an act gave is valid, by its version or by its own certificate; None
    without a limit.
    """
    ends = (end_of_validity(event.on, months), event.until)
    return min((end for end in ends if end is not None), default=None)


def standing_events(events: Sequence[GrantingEvent], months: int | None) -> tuple[GrantingEvent, ...]:
    """Return the acts that each stand for a block: the first, and each one that came once the act before had
    ended (R6, R13).
    """
    standing: list[GrantingEvent] = []
    for event in events:
        if not standing or not is_event_valid_on(event.on, standing[-1], months):
            standing.append(event)
    return tuple(standing)


def event_by(day: date, events: Sequence[GrantingEvent], months: int | None = None) -> GrantingEvent:
    """Return the act that stands for a block on some day; the first act when none had come by then."""
    standing = standing_events(events, months)
    return next((event for event in reversed(standing) if event.on <= day), standing[0])


def days_held(
    blocks: Sequence[CertifiedBlock], acts: Mapping[UUID, Sequence[GrantingEvent]]
) -> dict[UUID, date]:
    """Return the day of each block held, on the first day on which all are valid together, else on the last
    act's day (R7).
    """
    first = {block.id: acts[block.id][0] for block in blocks if acts.get(block.id)}
    if all(
        block.validity_months is None and first[block.id].until is None
        for block in blocks
        if block.id in first
    ):
        return {
            block_id: event.on for block_id, event in first.items()
        }  # what lasts for ever is held from its first act
    standing = {block.id: standing_events(acts.get(block.id, ()), block.validity_months) for block in blocks}
    held: dict[UUID, date] = {}
    for day in sorted({event.on for events in standing.values() for event in events}):
        held = {
            block.id: max(days)
            for block in blocks
            if (
                days := [
                    event.on
                    for event in standing[block.id]
                    if is_event_valid_on(day, event, block.validity_months)
                ]
            )
        }
        if len(held) == len(blocks):
            break
    return held
