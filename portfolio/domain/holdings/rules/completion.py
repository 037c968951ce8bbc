"""Completion of the whole certification by its blocks (R7), and the name of a session's result (R8).

Validity of a granted block: permanent, unless its version or its own certificate says otherwise (R6).

Certificate numbers: too many to guess, easy to read aloud and to type back.
"""

import calendar
import secrets
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import combinations
from typing import Any
from uuid import UUID

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.facts import CertifiedBlock, GrantingEvent, Presence, Source


def end_of_validity(granted_on: date, months: int | None) -> date | None:
    """Return the last day on which a block granted that day is valid; None without a limit of its own.

    The months are counted from the grant, to the day of the same number, or to the last day of a shorter month.
    """
    if months is None:
        return None
    year, month = divmod(granted_on.year * 12 + granted_on.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(granted_on.day, last))


def end_of(labels: Mapping[str, Any]) -> date | None:
    """Return the last day on which what a certificate prints is valid; None without a limit."""
    limit = labels.get("validity")
    return date.fromisoformat(limit["until"]) if limit else None


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


@dataclass(frozen=True, slots=True)
class MissingOption:
    """An option that is not complete, and the blocks of it that are missing."""

    name: str
    blocks: tuple[CertifiedBlock, ...]


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
    """Answer about the whole, whether it is obtained; if so, when, by the grant of which block, and which blocks make
    it; else which common blocks are missing, and so many options out of some.

    `is_limited`: whether the validity of one of its blocks ends.
    """

    obtained: bool
    on: date | None = None
    completed_by: CertifiedBlock | None = None
    missing: tuple[CertifiedBlock, ...] = ()
    is_limited: bool = False
    blocks: tuple[CertifiedBlock, ...] = ()
    options_left: int = 0
    missing_options: tuple[MissingOption, ...] = ()


def sets_of_blocks(blocks: Sequence[CertifiedBlock]) -> tuple[tuple[CertifiedBlock, ...], ...]:
    """Return the sets of blocks that each make the whole: the common blocks with as many options as the
    version asks for; all of them in a version without options (R7). One that asks for options which it does
    not name has none: what it was read from did not tell all its blocks.
    """
    options = list(dict.fromkeys(block.option for block in blocks if block.option))
    return tuple(
        tuple(block for block in blocks if not block.option or block.option in chosen)
        for chosen in combinations(options, _options_needed(blocks))
    )


def _options_needed(blocks: Iterable[CertifiedBlock]) -> int:
    return max((block.options_needed or int(bool(block.option)) for block in blocks), default=0)


def completion_for(
    blocks: Sequence[CertifiedBlock], acts: Mapping[UUID, Sequence[GrantingEvent]], *, on: date = date.min
) -> CompletionAnswer:
    """Say whether the certification is obtained: if and only if every block of a set that makes the whole of
    one version is held, each valid on the day of the act that completes the set (R6, R7).

    `blocks` are all those of one version, `acts` what made the person hold each. The whole is dated by the
    first day on which all are valid together; of several acts of that day, the one of the last block stands.
    The blocks missing are those not valid on the day `on`, or on the day of the last act when it comes later.
    A version without blocks is never obtained.
    """
    standing = {block.id: standing_events(acts.get(block.id, ())) for block in blocks}
    days = sorted({event.on for events in standing.values() for event in events})
    for day in days:
        held = {block.id: event for block in blocks if (event := event_on(day, standing[block.id])) is not None}
        complete = (each for each in sets_of_blocks(blocks) if all(block.id in held for block in each))
        if (whole := next(complete, None)) is not None:
            last = max(whole, key=lambda block: (held[block.id].on, block.number))
            is_limited = any(held[block.id].until is not None for block in whole)
            return CompletionAnswer(True, day, last, is_limited=is_limited, blocks=whole)
    since = max([on, *days[-1:]])
    missing = tuple(block for block in blocks if event_since(since, standing[block.id]) is None)
    return _not_complete(blocks, missing)


def _not_complete(blocks: Sequence[CertifiedBlock], missing: tuple[CertifiedBlock, ...]) -> CompletionAnswer:
    """Tell the common blocks that are missing from the options: these are needed in part only."""
    options = dict.fromkeys(block.option for block in blocks if block.option)
    lacking = [
        MissingOption(name, found)
        for name in options
        if name and (found := tuple(block for block in missing if block.option == name))
    ]
    left = max(_options_needed(blocks) - (len(options) - len(lacking)), 0)
    common = tuple(block for block in missing if not block.option)
    return CompletionAnswer(False, missing=common, options_left=left, missing_options=tuple(lacking) if left else ())


class Label(StrEnum):
    """Names of the result of a session for one candidate (R8)."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    ABSENT = "absent"
    EXCUSED = "excused"


class ResultOf(StrEnum):
    """Subjects of the label (R8)."""

    WHOLE = "whole"
    REQUESTED = "requested_blocks"


@dataclass(frozen=True, slots=True)
class Result:
    """A label, and of what."""

    label: Label
    of: ResultOf


def result_for(scope: Scope, requested: Set[UUID], held: Set[UUID], presence: Presence = Presence.PRESENT) -> Result:
    """Call the result by its name: full, partial or none, of the whole or of the requested blocks; absent;
    excused (R8).

    `requested` are the blocks the candidacy asks for, `held` those held once the session is over: blocks that
    were already held before it count.
    """
    of = ResultOf.WHOLE if scope is Scope.WHOLE else ResultOf.REQUESTED
    if presence is not Presence.PRESENT:
        return Result(Label.ABSENT if presence is Presence.ABSENT else Label.EXCUSED, of)
    if requested and requested <= held:
        return Result(Label.FULL, of)
    return Result(Label.PARTIAL if requested & held else Label.NONE, of)


# Crockford's base 32: no I, L, O or U, so that nothing is mistaken for 1 or 0.
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 16  # 5 bits a sign: 80 random bits
GROUP = 4
_MEANT = str.maketrans("ILO", "110")
_IGNORED = str.maketrans("", "", " -\u00a0\u202f\u2010\u2011\u2013\u2014._")


def new_number() -> str:
    """Draw a certificate number of 80 random bits, « K7QD-94MT-XW2B-R8FN »."""
    return _grouped("".join(secrets.choice(ALPHABET) for _ in range(LENGTH)))


def read_number(typed: str) -> str | None:
    """Read a number as people type it: lower case, spaces or no dashes, O for 0, I or L for 1.

    None when it cannot be one.
    """
    signs = typed.translate(_IGNORED).strip().upper().translate(_MEANT)
    if len(signs) != LENGTH or any(sign not in ALPHABET for sign in signs):
        return None
    return _grouped(signs)


def _grouped(signs: str) -> str:
    return "-".join(signs[at : at + GROUP] for at in range(0, LENGTH, GROUP))
