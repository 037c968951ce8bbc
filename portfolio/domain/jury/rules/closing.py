"""Errors that prevent closing: attendance, composition, findings, decisions (R3–R5).

A deliberation that was suspended, and the day on which it goes on.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    ClosingError,
    ClosingErrorCode,
    CompetencyValue,
    DecidingValue,
    DecisionRecord,
    Decisions,
    Findings,
    block_errors,
    count_errors,
)
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.opinions import BallotState, ballot_errors, decision_after
from portfolio.domain.jury.rules.sitting import DecisionDay


@dataclass(frozen=True, slots=True)
class Suspension:
    """Since when a deliberation is suspended, when it resumes if that is known, and for which day of
    resumption letters were last written.
    """

    since: datetime
    resumes_on: date | None
    written_for: date | None = None

    @property
    def is_to_write(self) -> bool:
        """Return whether nobody was written the day of the resumption."""
        return self.resumes_on is not None and self.resumes_on != self.written_for


@dataclass(frozen=True, slots=True)
class HearingValue:
    """One hearing as it stands: the blocks to decide (never one already held), the notes, the last ballot on
    each block, the composition's answers.

    `decisions` are what the president noted; `decision_on` is what the jury decided. `voters` counts the
    members who deliberate, `presides` says whether the presidency is among them.
    """

    held_on: date
    blocks: tuple[BlockValue, ...]
    deciding: DecidingValue
    findings: Findings
    decisions: Decisions
    answers: tuple[PredicateAnswer, ...]
    voters: int = 0
    presides: bool = True
    attendance: Attendance = Attendance.HEARD
    # On a tie the president's vote decides, unless the certifier says otherwise (J11).
    casting_vote: bool = True
    ballots: Mapping[UUID, BallotState] = field(default_factory=dict)
    suspension: Suspension | None = None
    # The days between which the decision lies; None where nothing was read of the sitting.
    day: DecisionDay | None = None
    # The competencies and the blocks of which a draft was taken over from other members, and is to confirm.
    to_confirm: frozenset[UUID] = frozenset()

    def decision_on(self, block_id: UUID) -> DecisionRecord | None:
        """Return what is decided on a block: what its last ballot says, else what the president noted."""
        return decision_after(self.ballots.get(block_id), self.decisions.get(block_id))

    def faults_of(self, block: BlockValue) -> list[ClosingError]:
        """List everything that one block still needs: its findings, its ballot, its decision, its counts."""
        ballot, decision = self.ballots.get(block.id), self.decision_on(block.id)
        faults = block_errors(block, self.findings, decision, self.deciding)
        if pending := ballot_errors(block, ballot):
            return [fault for fault in faults if fault.competency is not None] + pending
        if ballot is None:
            faults += count_errors(
                block, decision, voters=self.voters, casting_vote=self.casting_vote, presides=self.presides
            )
        return faults + [_to_confirm(block, about) for about in self._unconfirmed(block)]

    def _unconfirmed(self, block: BlockValue) -> list[CompetencyValue | None]:
        """Return what the members before noted on a block and these have not confirmed: competencies, then the block
        itself (None), unless a ballot of theirs makes void what was written for the other outcome. Nothing while the
        composition is still irregular: who has to confirm is not known.
        """
        if any(answer.prevents for answer in self.answers):
            return []
        found: list[CompetencyValue | None] = [each for each in block.competencies if each.id in self.to_confirm]
        ballot, noted = self.ballots.get(block.id), self.decisions.get(block.id)
        stands = ballot is None or ballot.result is None or noted is None or noted.outcome is ballot.result.outcome
        return found + ([None] if block.id in self.to_confirm and stands else [])


def closing_errors(hearing: HearingValue, today: date) -> tuple[ClosingError, ...]:
    """List everything that prevents closing, in the order in which one settles it; empty when nothing does.

    The day of the sitting has come, and that of the decision is known; the deliberation is not suspended; no blocking
    predicate is false (R3); every competency is found, every acquired one without a claim has its ground (R5); every
    block is decided as its last ballot says, every refusal and departure has its reason (R4). For a candidate who
    did not come nothing is decided, and only the day and the resumption are asked (domain §5, absent or excused).
    """
    faults: list[ClosingError] = []
    if today < hearing.held_on:
        faults.append(ClosingError(ClosingErrorCode.BEFORE_SESSION_DAY, {"day": hearing.held_on.isoformat()}))
    if hearing.suspension is not None:
        resumes_on = hearing.suspension.resumes_on
        facts = {"resumes_on": resumes_on.isoformat()} if resumes_on else {}
        faults.append(ClosingError(ClosingErrorCode.SUSPENDED, facts))
    if hearing.attendance is not Attendance.HEARD:
        return tuple(faults)
    faults += hearing.day.errors() if hearing.day is not None else []
    faults += [_irregular(answer) for answer in hearing.answers if answer.prevents]
    for block in hearing.blocks:
        faults += hearing.faults_of(block)
    return tuple(faults)


def _to_confirm(block: BlockValue, about: CompetencyValue | None) -> ClosingError:
    facts: dict[str, str | int] = {"block": block.number} | ({"competency": about.label} if about else {})
    return ClosingError(ClosingErrorCode.TO_CONFIRM, facts, block.id, about.id if about else None)


def _irregular(answer: PredicateAnswer) -> ClosingError:
    return ClosingError(ClosingErrorCode.IRREGULAR, {"predicate": str(answer.id)} | dict(answer.facts))
