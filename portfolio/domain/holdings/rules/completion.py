"""Completion of the whole certification by its blocks (R7), and the name of a session's result (R8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.candidacy.rules.opening import Scope
from portfolio.domain.holdings.rules.facts import CertifiedBlock, Presence


@dataclass(frozen=True, slots=True)
class CompletionAnswer:
    """Whether the whole is obtained; if so, when, and by the grant of which block; else which blocks are
    missing.
    """

    obtained: bool
    on: date | None = None
    completed_by: CertifiedBlock | None = None
    missing: tuple[CertifiedBlock, ...] = ()


def completion_for(blocks: Sequence[CertifiedBlock], held: Mapping[UUID, date]) -> CompletionAnswer:
    """Say whether the certification is obtained: if and only if every block of one version is held (R7).

    `blocks` are all those of one version, `held` the earliest day of each block held. The whole is dated by
    the act that completed the set; of several acts of that day, the one of the last block stands. A version
    without blocks is never obtained.
    """
    missing = tuple(block for block in blocks if block.id not in held)
    if missing or not blocks:
        return CompletionAnswer(False, missing=missing)
    last = max(blocks, key=lambda block: (held[block.id], block.number))
    return CompletionAnswer(True, held[last.id], last)


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
