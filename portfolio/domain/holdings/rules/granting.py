"""Decide which blocks are granted, and on which grounds (R1–R3, R6, R13)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.domain.holdings.rules.facts import (
    CertifiedBlock,
    CertifiedCompetency,
    Decision,
    EquivalenceFact,
    EquivalenceKind,
    GrantingEvent,
    History,
    JuryDecisionFacts,
    Lapse,
    Presence,
    Source,
)
from portfolio.domain.holdings.rules.validity import standing_events
from portfolio.domain.jury.rules.enums import Outcome

__all__ = [
    "GrantAnswer",
    "GrantGround",
    "GrantingEvent",
    "granting_events",
    "grants_at",
    "grants_for",
    "last_held",
    "with_equivalences",
]


class GrantGround(StrEnum):
    """Why a block is granted, or is not."""

    GRANTED = "granted"
    ALREADY_HELD = "already_held"
    ANNULLED = "annulled"
    WITHDRAWN = "withdrawn"
    SUSPENDED = "suspended"
    ABSENT = "absent"
    EXCUSED = "excused"
    NOT_PRESENTED = "not_presented"
    NOT_CLOSED = "not_closed"
    IRREGULAR = "irregular_composition"
    NOT_ADMISSIBLE = "not_admissible"
    LAPSE_NOT_RULED = "lapse_not_ruled"
    LAPSED = "lapsed"
    NOT_DECIDED = "not_decided"
    NOT_VALIDATED = "not_validated"
    AWAITING_JURY = "awaiting_jury"
    AWAITING_NOTIFICATION = "awaiting_notification"
    NOT_VERIFIED = "acquisition_not_verified"
    PARTIAL_EQUIVALENCE = "partial_equivalence"
    NOT_REQUESTED = "not_requested"


HOLDS = (GrantGround.GRANTED, GrantGround.ALREADY_HELD)


@dataclass(frozen=True, slots=True)
class GrantAnswer:
    """Whether a block is held, by which act, and every ground of a refusal, the first being the one to say
    first.

    `reference` names the minutes that did not grant it; `again` lists later acts that would have made it held
    too.
    """

    block: CertifiedBlock
    grounds: tuple[GrantGround, ...]
    act: GrantingEvent | None = None
    missing: tuple[CertifiedCompetency, ...] = ()
    faults: tuple[str, ...] = ()
    reference: str = ""
    again: tuple[GrantingEvent, ...] = ()

    @property
    def ground(self) -> GrantGround:
        """The ground to say first."""
        return self.grounds[0]

    @property
    def granted(self) -> bool:
        """Whether the person holds the block."""
        return self.ground in HOLDS


def grants_at(
    blocks: Sequence[CertifiedBlock], sitting: JuryDecisionFacts, held: Mapping[UUID, GrantingEvent]
) -> tuple[GrantAnswer, ...]:
    """Say for every block, in the order of the certification, what one sitting grants, and why (R3, R6).

    A block already held stays held by its first act, whatever this jury wrote. A block that the jury said
    nothing about is not refused: it has its own ground, so that it is seen before the minutes are closed.
    """
    return tuple(_at(block, sitting, held.get(block.id)) for block in blocks)


def _at(block: CertifiedBlock, sitting: JuryDecisionFacts, held: GrantingEvent | None) -> GrantAnswer:
    if held is not None:
        return GrantAnswer(block, (GrantGround.ALREADY_HELD,), held)
    grounds = _obstacles(block.id, sitting)
    if not grounds:
        return GrantAnswer(block, (GrantGround.GRANTED,), _act(sitting))
    decision = sitting.decision_on(block.id)
    missing = decision.missing if decision is not None else ()
    return GrantAnswer(
        block, grounds, missing=missing, faults=tuple(sorted(sitting.faults)), reference=sitting.reference
    )


def grants_for(
    blocks: Sequence[CertifiedBlock],
    history: History,
    *,
    requested: Set[UUID] = frozenset(),
    waiting: Set[UUID] = frozenset(),
    deliberated: Set[UUID] = frozenset(),
) -> tuple[GrantAnswer, ...]:
    """Say for every block, in the order of the certification, whether it is held and why, from everything
    that happened.

    The earliest act stands, later ones are told apart (`again`); the order of the facts does not matter, and
    a fact that is added never takes a block away (R6). `requested` are the blocks the candidacy asks for,
    `waiting` those now before a jury, `deliberated` those whose decision waits for its notification and is
    not in `history`: they only choose the words for a block that nobody decided.
    """
    acts = granting_events(history)
    is_suspended = any(sitting.suspended for sitting in history.sittings)
    suspended = granting_events(history.without_suspensions) if is_suspended else acts
    return tuple(
        _held(block, acts[block.id])
        if block.id in acts
        else _held_back(block, suspended[block.id])
        if block.id in suspended
        else GrantAnswer(block, (GrantGround.AWAITING_NOTIFICATION,))
        if block.id in deliberated
        else _not_held(block, history, requested, waiting)
        for block in blocks
    )


def _held(block: CertifiedBlock, acts: Sequence[GrantingEvent]) -> GrantAnswer:
    if len(acts) == 1:
        return GrantAnswer(block, (GrantGround.GRANTED,), acts[0])
    standing = standing_events(acts, block.validity_months)
    again = tuple(act for act in acts if act not in standing)
    return GrantAnswer(block, (GrantGround.GRANTED,), standing[-1], again=again)


def _held_back(block: CertifiedBlock, acts: Sequence[GrantingEvent]) -> GrantAnswer:
    """Neither held nor lost: it would be held, were a suspension lifted (R10)."""
    return GrantAnswer(block, (GrantGround.SUSPENDED,), reference=acts[0].reference)


def _not_held(
    block: CertifiedBlock, history: History, requested: Set[UUID], waiting: Set[UUID]
) -> GrantAnswer:
    if block.id in waiting:
        return GrantAnswer(block, (GrantGround.AWAITING_JURY,))
    sat = [sitting for sitting in history.sittings if block.id in sitting.scope]
    if sat:
        return _at(block, max(sat, key=lambda sitting: (sitting.decided_on, sitting.reference)), None)
    return GrantAnswer(block, (_undecided(block.id, history, requested),))


def _undecided(block: UUID, history: History, requested: Set[UUID]) -> GrantGround:
    acquired = [acquisition for acquisition in history.acquisitions if acquisition.block == block]
    if any(not acquisition_fact.verified for acquisition_fact in acquired):
        return GrantGround.NOT_VERIFIED
    if acquired:
        return (
            GrantGround.WITHDRAWN
            if any(acquisition_fact.withdrawn for acquisition_fact in acquired)
            else GrantGround.ANNULLED
        )
    now = (
        equivalence.kind
        for equivalence in history.equivalences
        if equivalence.counts_for == block and equivalence.until is None
    )
    if EquivalenceKind.PARTIAL in now:
        return GrantGround.PARTIAL_EQUIVALENCE
    return GrantGround.NOT_PRESENTED if block in requested else GrantGround.NOT_REQUESTED


def granting_events(history: History) -> dict[UUID, tuple[GrantingEvent, ...]]:
    """List every act that makes the person hold a block, of whatever version, the earliest first (R2)."""
    return with_equivalences(list(_direct_acts(history)), history.equivalences)


def with_equivalences(
    direct: Collection[tuple[UUID, GrantingEvent]], equivalences: Collection[EquivalenceFact]
) -> dict[UUID, tuple[GrantingEvent, ...]]:
    """Add what the declared equivalences make of blocks held by an act of their own (R2 c).

    An identical equivalence counts from the day when it is declared and every block that it asks for is held.
    Blocks of two versions are never summed without such a declaration; the same title is not one.
    """
    acts = _gathered(direct)
    identical = [equivalence for equivalence in equivalences if equivalence.kind is EquivalenceKind.IDENTICAL]
    if not identical:
        return acts
    # A chain of equivalences is at most as long as their number.
    for _round in identical:
        derived = (
            (
                equivalence_fact.counts_for,
                GrantingEvent(on, Source.EQUIVALENCE, equivalence_fact.reference, until),
            )
            for equivalence_fact in identical
            if equivalence_fact.asked <= acts.keys()
            and (on := equivalence_fact.counts_from(acts[last_held(equivalence_fact, acts)][0].on))
            is not None
            for until in (_first_end(acts[block][0] for block in equivalence_fact.asked),)
        )
        found = _gathered([*direct, *derived])
        if found == acts:
            break
        acts = found
    return acts


def last_held(equivalence: EquivalenceFact, acts: Mapping[UUID, Sequence[GrantingEvent]]) -> UUID:
    """Return the block whose first act came last among those that an equivalence asks for: it made the others
    count.
    """
    return max(sorted(equivalence.asked), key=lambda block: acts[block][0])


def _first_end(events: Iterable[GrantingEvent]) -> date | None:
    return min((event.until for event in events if event.until is not None), default=None)


def _direct_acts(history: History) -> Iterator[tuple[UUID, GrantingEvent]]:
    for sitting in history.sittings:
        if any(_sitting_obstacles(sitting)):
            continue
        act = _act(sitting)
        for decision in sitting.decisions:
            if not any(_block_obstacles(decision.block, sitting, decision)):
                yield decision.block, act
    for acquired in history.acquisitions:
        if acquired.counts:
            yield acquired.block, GrantingEvent(acquired.acquired_on, Source.ACQUISITION, acquired.reference)
    for holding in history.prior:
        if not holding.ended:
            yield (
                holding.block,
                GrantingEvent(holding.obtained_on, Source.PRIOR, holding.reference, holding.valid_until),
            )


def _gathered(acts: Iterable[tuple[UUID, GrantingEvent]]) -> dict[UUID, tuple[GrantingEvent, ...]]:
    found: dict[UUID, tuple[GrantingEvent, ...]] = {}
    for block, act in acts:
        earlier = found.get(block)
        if earlier is None:
            found[block] = (act,)
        elif act not in earlier:
            found[block] = tuple(sorted((*earlier, act)))
    return found


def _act(sitting: JuryDecisionFacts) -> GrantingEvent:
    return GrantingEvent(sitting.decided_on, Source.JURY, sitting.reference)


def _obstacles(block: UUID, sitting: JuryDecisionFacts) -> tuple[GrantGround, ...]:
    """List what keeps a sitting from granting a block, by R3, in the order in which one would say it."""
    found = (*_sitting_obstacles(sitting), *_block_obstacles(block, sitting, sitting.decision_on(block)))
    return tuple(sorted(found, key=_ORDER.index))


def _sitting_obstacles(sitting: JuryDecisionFacts) -> Iterator[GrantGround]:
    """Yield what keeps a sitting as a whole from granting anything (R3)."""
    if sitting.annulled:
        yield GrantGround.ANNULLED
    if sitting.presence is not Presence.PRESENT:
        yield GrantGround.ABSENT if sitting.presence is Presence.ABSENT else GrantGround.EXCUSED
    if not sitting.closed:
        yield GrantGround.NOT_CLOSED
    if sitting.faults:
        yield GrantGround.IRREGULAR
    if sitting.admissible_on is None or sitting.admissible_on > sitting.submitted_on:
        yield GrantGround.NOT_ADMISSIBLE
    if sitting.lapse in _LAPSES:
        yield _LAPSES[sitting.lapse]
    if sitting.suspended:
        yield GrantGround.SUSPENDED


def _block_obstacles(
    block: UUID, sitting: JuryDecisionFacts, decision: Decision | None
) -> Iterator[GrantGround]:
    """Yield what keeps a sitting from granting one block, given what it decided on it (R3)."""
    if block in sitting.withdrawn:
        yield GrantGround.WITHDRAWN
    if block not in sitting.scope:
        yield GrantGround.NOT_PRESENTED
    if decision is None:
        yield GrantGround.NOT_DECIDED
    elif decision.outcome is not Outcome.VALIDATED:
        yield GrantGround.NOT_VALIDATED


_LAPSES = {Lapse.NOT_RULED: GrantGround.LAPSE_NOT_RULED, Lapse.LAPSED: GrantGround.LAPSED}
# The first to say comes first.
_ORDER = (
    # What was withdrawn for fraud stays withdrawn, whatever became of its session since (R11).
    GrantGround.WITHDRAWN,
    GrantGround.ANNULLED,
    GrantGround.ABSENT,
    GrantGround.EXCUSED,
    GrantGround.NOT_PRESENTED,
    GrantGround.NOT_CLOSED,
    GrantGround.IRREGULAR,
    GrantGround.NOT_ADMISSIBLE,
    GrantGround.LAPSE_NOT_RULED,
    GrantGround.LAPSED,
    GrantGround.NOT_DECIDED,
    GrantGround.NOT_VALIDATED,
    # Only a block that would be granted is held back by a suspension (R10).
    GrantGround.SUSPENDED,
)
