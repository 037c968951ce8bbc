"""Completion of the whole certification by its blocks (R7), and the name of a session's result (R8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.facts import CertifiedBlock, GrantingEvent, Presence
from portfolio.domain.holdings.rules.validity import event_on, event_since, standing_events


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
    """Whether the whole is obtained; if so, when, and by the grant of which block; else which blocks are
    missing.

    `is_limited`: whether the validity of one of its blocks ends.
    """

    obtained: bool
    on: date | None = None
    completed_by: CertifiedBlock | None = None
    missing: tuple[CertifiedBlock, ...] = ()
    is_limited: bool = False


def completion_for(
    blocks: Sequence[CertifiedBlock],
    acts: Mapping[UUID, Sequence[GrantingEvent]],
    *,
    on: date = date.min,
) -> CompletionAnswer:
    """Say whether the certification is obtained: if and only if every block of one version is held, each
    valid on the day of the act that completes the set (R6, R7).

    `blocks` are all those of one version, `acts` what made the person hold each. The whole is dated by the
    first day on which all are valid together; of several acts of that day, the one of the last block stands.
    The blocks missing are those not valid on the day `on`, or on the day of the last act when it comes later.
    A version without blocks is never obtained.
    """
    standing = {block.id: standing_events(acts.get(block.id, ())) for block in blocks}
    days = sorted({event.on for events in standing.values() for event in events})
    for day in days:
        held = {
            block.id: event for block in blocks if (event := event_on(day, standing[block.id])) is not None
        }
        if len(held) == len(blocks):
            last = max(blocks, key=lambda block: (held[block.id].on, block.number))
            is_limited = any(event.until is not None for event in held.values())
            return CompletionAnswer(True, day, last, is_limited=is_limited)
    since = max([on, *days[-1:]])
    missing = tuple(block for block in blocks if event_since(since, standing[block.id]) is None)
    return CompletionAnswer(False, missing=missing)


class Label(StrEnum):
    """How the result of a session for one candidate is called (R8)."""

    FULL = "full"
    PARTIAL = "partial"
    NONE = "none"
    ABSENT = "absent"
    EXCUSED = "excused"


class ResultOf(StrEnum):
    """What the label speaks of (R8)."""

    WHOLE = "whole"
    REQUESTED = "requested_blocks"


@dataclass(frozen=True, slots=True)
class Result:
    """A label, and of what."""

    label: Label
    of: ResultOf


def result_for(
    scope: Scope, requested: Set[UUID], held: Set[UUID], presence: Presence = Presence.PRESENT
) -> Result:
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
