"""Decide which blocks are granted, and on which grounds (R1–R3, R6, R13).

Everything that is answered to a person about their blocks, in one value.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from itertools import product
from uuid import UUID

from portfolio.domain.holdings.rules.completion import (
    CompletionAnswer,
    Result,
    end_of_validity,
    event_since,
    first_end,
    lasts_until,
    outlasts,
    standing_events,
)
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
from portfolio.domain.jury.rules.enums import Outcome

__all__ = [
    "GrantAnswer",
    "GrantGround",
    "GrantingEvent",
    "direct_acts",
    "granting_events",
    "grants_at",
    "grants_for",
    "own_act",
    "with_equivalences",
]


class GrantGround(StrEnum):
    """Grounds on which a block is granted, or not."""

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
    ANNULLED_AWAITING_JURY = "annulled_awaiting_jury"
    AWAITING_NOTIFICATION = "awaiting_notification"
    NOT_VERIFIED = "acquisition_not_verified"
    PARTIAL_EQUIVALENCE = "partial_equivalence"
    NOT_REQUESTED = "not_requested"
    VALIDITY_ENDED = "validity_ended"


HOLDS = (GrantGround.GRANTED, GrantGround.ALREADY_HELD)


@dataclass(frozen=True, slots=True)
class GrantAnswer:
    """Answer about a block: whether it is held, by which act, and every ground of a refusal, the first being the one
    to say first.

    `reference` names the minutes that did not grant it; `again` lists later acts that would have made it held
    too; `lapsed` is the act by which it was held until its validity ended.
    """

    block: CertifiedBlock
    grounds: tuple[GrantGround, ...]
    act: GrantingEvent | None = None
    missing: tuple[CertifiedCompetency, ...] = ()
    faults: tuple[str, ...] = ()
    reference: str = ""
    again: tuple[GrantingEvent, ...] = ()
    lapsed: GrantingEvent | None = None

    @property
    def ground(self) -> GrantGround:
        """Return the ground to say first."""
        return self.grounds[0]

    @property
    def granted(self) -> bool:
        """Tell whether the person holds the block."""
        return self.ground in HOLDS


def grants_at(
    blocks: Sequence[CertifiedBlock], sitting: JuryDecisionFacts, held: Mapping[UUID, GrantingEvent]
) -> tuple[GrantAnswer, ...]:
    """Say for every block, in the order of the certification, what one sitting grants, and why (R3, R6).

    `held` are the blocks valid on the day of the sitting: they stay held by their first act, whatever this
    jury wrote, unless what it validates is valid for longer. A block that the jury said nothing about is not
    refused: it has its own ground, so that it is seen before the minutes are closed.
    """
    return tuple(_at(block, sitting, held.get(block.id)) for block in blocks)


def with_earlier_acts(
    answers: Sequence[GrantAnswer], earlier: Sequence[GrantAnswer], scope: Set[UUID]
) -> tuple[GrantAnswer, ...]:
    """Say of each block outside the scope of a sitting where earlier acts left it: suspended, lapsed, annulled…

    `answers` are those of the sitting, `earlier` those of everything that happened before, for the same blocks. A block
    of which no act spoke stays as the sitting answers.
    """
    silent = (GrantGround.NOT_PRESENTED, GrantGround.NOT_REQUESTED)
    return tuple(
        answer if answer.granted or answer.block.id in scope or before.ground in silent else before
        for answer, before in zip(answers, earlier, strict=True)
    )


def _at(block: CertifiedBlock, sitting: JuryDecisionFacts, held: GrantingEvent | None) -> GrantAnswer:
    decision = sitting.decision_on(block.id)
    grounds = _obstacles(block.id, sitting)
    act = _act(sitting, decision) if decision is not None and not grounds else None
    if act is not None and (held is None or outlasts(act, held)):
        return GrantAnswer(block, (GrantGround.GRANTED,), act)
    if held is not None:
        return GrantAnswer(block, (GrantGround.ALREADY_HELD,), held)
    missing = decision.missing if decision is not None else ()
    return GrantAnswer(
        block, grounds, missing=missing, faults=tuple(sorted(sitting.faults)), reference=sitting.reference
    )


def grants_for(
    blocks: Sequence[CertifiedBlock],
    history: History,
    *,
    on: date = date.min,
    requested: Set[UUID] = frozenset(),
    waiting: Set[UUID] = frozenset(),
    deliberated: Set[UUID] = frozenset(),
) -> tuple[GrantAnswer, ...]:
    """Say for every block, in the order of the certification, whether it is held and why, from everything that
    happened.

    The earliest act stands, later ones are told apart (`again`); the order of the facts does not matter, and a fact
    that is added never takes a block away (R6). A block whose validity had ended by the day `on` is not held, and stays
    so when a jury refuses it; without a day, one that was ever held is. `requested` are the blocks the candidacy asks
    for, `waiting` those now before a jury, `deliberated` those whose decision waits for its notification and is not in
    `history`: they only choose the words for a block that nobody decided.
    """
    acts = granting_events(history)
    is_suspended = any(sitting.suspended for sitting in history.sittings)
    suspended = granting_events(history.without_suspensions) if is_suspended else acts
    found = []
    for block in blocks:
        events = acts.get(block.id, ())
        if (act := event_since(on, events)) is not None:
            found.append(_held(block, act, events))
        elif (act := event_since(on, suspended.get(block.id, ()))) is not None:
            found.append(_held_back(block, act))
        else:
            lapsed = standing_events(events)[-1] if events else None
            answer = (
                GrantAnswer(block, (GrantGround.AWAITING_NOTIFICATION,))
                if block.id in deliberated
                else _not_held(block, history, requested, waiting, lapsed)
            )
            found.append(replace(answer, lapsed=lapsed) if lapsed is not None else answer)
    return tuple(found)


def _held(block: CertifiedBlock, act: GrantingEvent, events: Sequence[GrantingEvent]) -> GrantAnswer:
    standing = standing_events(events) if len(events) > 1 else events
    again = tuple(event for event in events if event not in standing)
    return GrantAnswer(block, (GrantGround.GRANTED,), act, again=again)


def _held_back(block: CertifiedBlock, act: GrantingEvent) -> GrantAnswer:
    """Neither held nor lost: it would be held, were a suspension lifted (R10)."""
    return GrantAnswer(block, (GrantGround.SUSPENDED,), reference=act.reference)


def _not_held(
    block: CertifiedBlock, history: History, requested: Set[UUID], waiting: Set[UUID], lapsed: GrantingEvent | None
) -> GrantAnswer:
    """Say why a block is not held; of one whose validity ended, what the juries said since."""
    sat = [
        sitting
        for sitting in history.sittings
        if block.id in sitting.scope
        and (lapsed is None or (lapsed.until is not None and sitting.decided_on > lapsed.until))
    ]
    last = _last_of(sat)
    said = _at(block, last, None) if last is not None else None
    if block.id in waiting:
        is_annulled = said is not None and said.ground is GrantGround.ANNULLED
        waits = GrantGround.ANNULLED_AWAITING_JURY if is_annulled else GrantGround.AWAITING_JURY
        return GrantAnswer(block, (waits,))
    if said is not None:
        return said
    if lapsed is not None:
        return GrantAnswer(block, (GrantGround.VALIDITY_ENDED,))
    return GrantAnswer(block, (_undecided(block.id, history, requested),))


def is_last_decision_annulled(block: CertifiedBlock, history: History) -> bool:
    """Tell whether the last jury before which a block came had its decision on it annulled (R12)."""
    last = _last_of(sitting for sitting in history.sittings if block.id in sitting.scope)
    return last is not None and GrantGround.ANNULLED in _at(block, last, None).grounds


def _last_of(sittings: Iterable[JuryDecisionFacts]) -> JuryDecisionFacts | None:
    return max(sittings, key=lambda sitting: (sitting.decided_on, sitting.reference), default=None)


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
        if equivalence.counts_for == block and equivalence.replaced_at is None
    )
    if EquivalenceKind.PARTIAL in now:
        return GrantGround.PARTIAL_EQUIVALENCE
    return GrantGround.NOT_PRESENTED if block in requested else GrantGround.NOT_REQUESTED


def granting_events(history: History) -> dict[UUID, tuple[GrantingEvent, ...]]:
    """List every act that makes the person hold a block, of whatever version, the earliest first (R2)."""
    return with_equivalences(list(direct_acts(history)), history.equivalences)


def with_equivalences(
    direct: Collection[tuple[UUID, GrantingEvent]], equivalences: Collection[EquivalenceFact]
) -> dict[UUID, tuple[GrantingEvent, ...]]:
    """Add what the declared equivalences make of blocks held by an act of their own (R2 c).

    An identical equivalence counts from the day when it is declared and every block that it asks for is held
    and valid; what it gives ends with the first of them, or with the validity of its own block (R6). It gives
    again what a later act on one of them makes valid for longer, and nothing that the ledger recorded after its
    replacement, on whatever day that act was decided (domain §10). Blocks of two versions are never summed
    without such a declaration; the same title is not one.
    """
    acts = _gathered(direct)
    identical = [equivalence for equivalence in equivalences if equivalence.kind is EquivalenceKind.IDENTICAL]
    while identical:
        more = [
            (equivalence.counts_for, event)
            for equivalence in identical
            if equivalence.asked <= acts.keys()
            for event in _events_through(equivalence, acts)
            if not any(_is_told_by(act, event) for act in acts.get(equivalence.counts_for, ()))
        ]
        if not more:
            break
        acts = _gathered([*((block, act) for block, events in acts.items() for act in events), *more])
    return acts


def _events_through(
    equivalence: EquivalenceFact, acts: Mapping[UUID, Sequence[GrantingEvent]]
) -> Iterator[GrantingEvent]:
    """Yield what an equivalence gives: one act for each choice of an act of every block that it asks for.

    An act that adds no day to its own block still gives what it gives, so that a fact that is added takes
    nothing away (domain §5). A chain that comes back on its steps gives nothing.
    """
    blocks = sorted(equivalence.asked)
    for events in product(*(acts[block] for block in blocks)):
        on = max(equivalence.declared_on, *(event.on for event in events))
        end = first_end(event.until for event in events)
        through = equivalence.asked.union(*(event.through for event in events))
        recorded_at = _last_moment((equivalence.declared_at, *(event.recorded_at for event in events)))
        if _is_replaced(equivalence, recorded_at) or not lasts_until(on, end) or equivalence.counts_for in through:
            continue
        until = first_end((end, end_of_validity(on, equivalence.validity_months)))
        # The block whose act came last made the others count.
        last = max(zip(blocks, events, strict=True), key=lambda pair: pair[1].on)
        reference = equivalence.reference
        yield GrantingEvent(on, Source.EQUIVALENCE, reference, until, own_act(*last), through, recorded_at)


def _last_moment(moments: Iterable[datetime | None]) -> datetime | None:
    """Return the last of some moments of the ledger; none when one of the facts is not recorded yet."""
    known = list(moments)
    return None if None in known else max(moment for moment in known if moment is not None)


def _is_replaced(equivalence: EquivalenceFact, recorded_at: datetime | None) -> bool:
    """Return whether another ruling had replaced this one when the last of some facts was recorded."""
    if equivalence.replaced_at is None:
        return False
    return recorded_at is None or recorded_at > equivalence.replaced_at


def own_act(block: UUID, event: GrantingEvent) -> tuple[UUID, GrantingEvent]:
    """Return the act on a block of its own that makes another one held, through every equivalence."""
    return event.origin or (block, event)


def direct_acts(history: History) -> Iterator[tuple[UUID, GrantingEvent]]:
    """Yield each act that grants a block by itself, whether or not an earlier one stands for it (R2, R3)."""
    for sitting in history.sittings:
        if any(_sitting_obstacles(sitting)):
            continue
        for decision in sitting.decisions:
            if not any(_block_obstacles(decision.block, sitting, decision)):
                yield decision.block, _act(sitting, decision)
    for acquired in history.acquisitions:
        if acquired.counts:
            until = end_of_validity(acquired.acquired_on, acquired.validity_months)
            told = (acquired.acquired_on, Source.ACQUISITION, acquired.reference, until)
            yield acquired.block, GrantingEvent(*told, recorded_at=acquired.recorded_at)
    for holding in history.prior:
        if not holding.ended:
            told = (holding.obtained_on, Source.PRIOR, holding.reference, holding.valid_until)
            yield holding.block, GrantingEvent(*told, recorded_at=holding.recorded_at)


def _gathered(acts: Iterable[tuple[UUID, GrantingEvent]]) -> dict[UUID, tuple[GrantingEvent, ...]]:
    """List the acts of each block, the earliest first; of one act told twice, the longer validity, and the one that
    was recorded first where it ends sooner.
    """
    found: dict[UUID, list[GrantingEvent]] = {}
    for block, act in acts:
        events = found.setdefault(block, [])
        if not any(_is_told_by(event, act) for event in events):
            events[:] = [event for event in events if not _is_told_by(act, event)] + [act]
    return {block: tuple(sorted(events) if len(events) > 1 else events) for block, events in found.items()}


def _is_told_by(act: GrantingEvent, other: GrantingEvent) -> bool:
    """Return whether an act says everything of another one: the same act, valid for as long, recorded as early."""
    if act != other or outlasts(other, act):
        return False
    return act.recorded_at == other.recorded_at or _last_moment((act.recorded_at, other.recorded_at)) != act.recorded_at


def _act(sitting: JuryDecisionFacts, decision: Decision) -> GrantingEvent:
    until = end_of_validity(sitting.decided_on, decision.validity_months)
    told = (sitting.decided_on, Source.JURY, sitting.reference, until)
    return GrantingEvent(*told, recorded_at=sitting.recorded_at)


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


def _block_obstacles(block: UUID, sitting: JuryDecisionFacts, decision: Decision | None) -> Iterator[GrantGround]:
    """Yield what keeps a sitting from granting one block, given what it decided on it (R3)."""
    if block in sitting.withdrawn:
        yield GrantGround.WITHDRAWN
    if block in sitting.annulled_blocks:
        yield GrantGround.ANNULLED
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


@dataclass(frozen=True, slots=True)
class Explanation:
    """Per block, in the order of the certification, what stands and why; the whole; the name of the result (R8)."""

    answers: tuple[GrantAnswer, ...]
    whole: CompletionAnswer
    result: Result
    requested: frozenset[UUID]

    @property
    def missing_requested(self) -> tuple[GrantAnswer, ...]:
        """Return the blocks that the candidacy asks for and that are not held."""
        return tuple(answer for answer in self.answers if answer.block.id in self.requested and not answer.granted)

    @property
    def blocks_to_submit(self) -> tuple[GrantAnswer, ...]:
        """Those of them that may be presented next: a suspended one waits for the certifier's word (R10)."""
        return tuple(
            grant_answer for grant_answer in self.missing_requested if grant_answer.ground is not GrantGround.SUSPENDED
        )
