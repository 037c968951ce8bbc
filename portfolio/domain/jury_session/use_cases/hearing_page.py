"""Read the hearing page of a juror: the sealed dossier by block and competency, findings, decisions.

Locks of a hearing that is not closed, and the members who may act in its deliberation.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.jury.rules.closing import Suspension
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    ClosingError,
    ConsistencyAnswer,
    DecisionRecord,
    FindingRecord,
    expected_outcome,
)
from portfolio.domain.jury.rules.enums import Attendance
from portfolio.domain.jury.rules.member_status import JurorStep, MemberState, vacated, voters_now, voting
from portfolio.domain.jury.rules.opinions import BallotState, is_superseded
from portfolio.domain.jury.rules.session_step import HearingFacts, HearingStep, hearing_step
from portfolio.domain.jury_session.use_cases.hearing_state import HearingState, load_hearing_state
from portfolio.domain.jury_session.use_cases.loaders import require_not_adjourned, rule_of_hearing
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import SealedCompetency, SealedDossier

if TYPE_CHECKING:
    from portfolio.domain.holdings.use_cases.holdings import HeldBlock


from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.loaders import lock_to_write
from portfolio.domain.jury_session.use_cases.new_version import require_not_returned
from portfolio.errors import Refusal


@dataclass(frozen=True)
class AssessedCompetency:
    """A competency in the table of contents: its words, how much is claimed for it, what is found."""

    id: UUID
    label: str
    text: str
    claims: int
    finding: FindingRecord | None
    revision: int

    @property
    def is_found(self) -> bool:
        """Tell whether the jury has recorded a finding."""
        return self.finding is not None


@dataclass(frozen=True)
class AssessedBlock:
    """A block in the table of contents: presented, with what is decided; or held, and then locked."""

    id: UUID
    number: int
    title: str
    competencies: tuple[AssessedCompetency, ...]
    held: HeldBlock | None
    presented: bool
    decision: DecisionRecord | None
    revision: int
    consistency: ConsistencyAnswer | None
    faults: tuple[ClosingError, ...]
    # The last vote on it, and what the president noted, which a vote since may have replaced.
    ballot: BallotState | None = None
    noted: DecisionRecord | None = None

    @property
    def is_superseded(self) -> bool:
        """Return whether the vote gave the other outcome than the decision that was noted."""
        return is_superseded(self.ballot, self.noted)

    @property
    def open(self) -> bool:
        """Tell whether this jury decides it."""
        return self.presented and self.held is None

    @property
    def is_decided(self) -> bool:
        """Tell whether the president has recorded a decision."""
        return self.decision is not None


@dataclass(frozen=True)
class HearingPageData:
    """A hearing as its jurors read it: the sealed dossier, and the president's notes.

    Nothing of the advisor's.
    """

    id: UUID
    session_id: UUID
    submission_id: UUID
    held_on: date
    place: str
    closed_at: datetime | None
    root: str
    submitted_at: datetime
    sealed: SealedDossier
    blocks: tuple[AssessedBlock, ...]
    sitting: tuple[MemberState, ...]
    answers: tuple[PredicateAnswer, ...]
    attendance: Attendance
    quorum: int | None = None
    voters: int = 0
    moved_at: datetime | None = None
    casting_vote: bool = True
    # False for a member whose own opinions are awaited (domain §4).
    shows_drafts: bool = True
    suspension: Suspension | None = None
    # The return for completion that is open: its jury waits for the version to read.
    returned: DossierReturn | None = None

    @property
    def vacant(self) -> tuple[MemberState, ...]:
        """Return the holders, recused or barred, whose seat no substitute can take; none once the minutes
        are closed.
        """
        return vacated(self.sitting) if self.closed_at is None else ()

    def member(self, person_id: UUID) -> MemberState | None:
        """Find a member of the jury."""
        return next((member_state for member_state in self.sitting if member_state.person == person_id), None)

    @property
    def awaited(self) -> tuple[MemberState, ...]:
        """Return who deliberates and has not yet both declared and read (J10, J13)."""
        return tuple(
            member_state
            for member_state in voting(self.sitting, self.quorum)
            if member_state.step is not JurorStep.READY
        )

    @property
    def checked(self) -> bool:
        """Tell whether presence was checked."""
        return any(member_state.present is not None for member_state in self.sitting)

    def to_vote(self, person_id: UUID) -> AssessedBlock | None:
        """Return the block on which a vote is open without the one of this member, who can vote."""
        if person_id not in voters_now(self.sitting, self.quorum):
            return None
        awaits = (block for block in self.blocks if block.ballot and block.ballot.is_open)
        return next((block for block in awaits if block.ballot and person_id not in block.ballot.voted), None)

    def step_of(self, own: MemberState, today: date, *, presides: bool, has_given: bool) -> HearingStep:
        """Return what a member does next for this candidate."""
        facts = HearingFacts(
            own.step,
            (self.held_on - today).days,
            presides=presides,
            has_given=has_given,
            is_closed=self.closed_at is not None,
            is_returned=self.returned is not None,
            is_vacant=bool(self.vacant),
            is_suspended=self.suspension is not None,
            is_absent=self.checked and self.attendance is not Attendance.HEARD,
            to_vote=self.to_vote(own.person) is not None,
            is_ready=not self.awaited,
            is_checked=self.checked,
            to_find=self.to_find is not None,
            to_settle=self.to_settle is not None,
        )
        return hearing_step(facts)

    @property
    def lines(self) -> list[tuple[AssessedBlock, AssessedCompetency]]:
        """Every competency that this jury assesses, in reading order."""
        return [(block, competency) for block in self.blocks if block.open for competency in block.competencies]

    def block(self, block_id: UUID) -> AssessedBlock | None:
        """Find a block presented to this jury."""
        return next(
            (
                assessed_block
                for assessed_block in self.blocks
                if assessed_block.id == block_id and assessed_block.presented
            ),
            None,
        )

    def competency(self, competency_id: UUID) -> tuple[AssessedBlock, AssessedCompetency] | None:
        """Find a competency presented to this jury, with its block."""
        for block in self.blocks:
            for assessed_competency in block.competencies:
                if assessed_competency.id == competency_id and block.presented:
                    return block, assessed_competency
        return None

    def after(self, line: AssessedCompetency) -> AssessedCompetency | None:
        """Return the competency that follows in the same block; None when the block's decision comes next."""
        for block in self.blocks:
            for competency, following in zip(block.competencies, block.competencies[1:], strict=False):
                if competency.id == line.id:
                    return following
        return None

    @property
    def to_find(self) -> tuple[AssessedBlock, AssessedCompetency] | None:
        """Return the first competency without a finding, in reading order."""
        return next((pair for pair in self.lines if pair[1].finding is None), None)

    @property
    def to_settle(self) -> AssessedBlock | None:
        """Return the first block that still needs something: a finding's reason or ground, a decision, a reason."""
        return next((block for block in self.blocks if block.open and block.faults), None)

    def told(self, line: AssessedCompetency) -> SealedCompetency | None:
        """Return what the sealed dossier tells of a competency."""
        return self.sealed.competency(line.label)


def load_hearing_page(session: Session, hearing_id: UUID, *, with_drafts: bool = True) -> HearingPageData:
    """Gather a hearing for its jurors, in a constant number of queries; `with_drafts`: what the presidency noted."""
    return hearing_page_data(load_hearing_state(session, hearing_id), with_drafts=with_drafts)


def hearing_page_data(state: HearingState, *, with_drafts: bool = True) -> HearingPageData:
    """Lay out a hearing that was already read, without what the presidency noted for who may not see it."""
    if not with_drafts:
        state = replace(state, findings={}, decisions={}, value=replace(state.value, findings={}, decisions={}))
    hearing = state.hearing
    values = {block_value.id: block_value for block_value in state.presented}
    held_when_sealed = {sealed_held_block.number for sealed_held_block in state.sealed.held_blocks}
    lines = [
        _assessed_block(state, block, values.get(block.id))
        for block in state.blocks
        if block.id in values or block.id in state.held or block.number in held_when_sealed
    ]
    return HearingPageData(
        hearing.id,
        hearing.session_id,
        hearing.submission_id,
        hearing.sitting_day,
        hearing.session.place,
        hearing.closed_at,
        hearing.submission.root,
        hearing.submission.submitted_at,
        state.sealed,
        tuple(lines),
        state.sitting,
        state.value.answers,
        state.value.attendance,
        rule_of_hearing(hearing).quorum,
        state.value.voters,
        hearing.moved_at,
        state.value.casting_vote,
        shows_drafts=with_drafts,
        suspension=state.value.suspension,
        returned=state.returned,
    )


def _assessed_block(state: HearingState, block: Block, value: BlockValue | None) -> AssessedBlock:
    draft = state.decisions.get(block.id)
    hearing = state.value
    faults = hearing.faults_of(value) if value else []
    return AssessedBlock(
        block.id,
        block.number,
        block.title,
        tuple(_assessed_competency(state, block.number, competency) for competency in block.competencies),
        # Once closed, a block this very jury granted is shown with its decision, not locked.
        state.held.get(block.id) if state.hearing.closed_at is None or value is None else None,
        value is not None,
        hearing.decision_on(block.id),
        draft.revision if draft else 0,
        expected_outcome(value, hearing.findings, hearing.deciding) if value else None,
        tuple(faults),
        hearing.ballots.get(block.id),
        draft.to_value() if draft else None,
    )


def _assessed_competency(state: HearingState, number: int, competency: Competency) -> AssessedCompetency:
    label = f"{number}.{competency.number}"
    finding = state.findings.get(competency.id)
    return AssessedCompetency(
        competency.id,
        label,
        competency.text,
        state.sealed.shows(label),
        finding.to_value() if finding else None,
        finding.revision if finding else 0,
    )


def lock_open(session: Session, hearing_id: UUID) -> Hearing:
    """Lock a hearing whose minutes are open, neither adjourned, cancelled, nor waiting for a new version; raise
    Refusal otherwise.
    """
    hearing = lock_to_write(session, hearing_id)
    require_not_adjourned(session, hearing_id)
    require_not_returned(session, hearing)
    return hearing


def require_ready_member(
    session: Session, hearing: Hearing, person_id: UUID
) -> tuple[MemberState, tuple[MemberState, ...]]:
    """Return a member who declared and read, and the whole jury; raise Refusal for anybody else."""
    sitting = load_member_states(session, hearing)
    own = next((member for member in sitting if member.person == person_id), None)
    if own is None:
        raise Refusal(JuryRefusal.NOT_A_MEMBER)
    if own.step is JurorStep.RECUSED:
        raise Refusal(JuryRefusal.RECUSED)
    if own.step is JurorStep.BARRED:
        raise Refusal(JuryRefusal.BARRED)
    if own.step is not JurorStep.READY:
        raise Refusal(JuryRefusal.NOT_READ)
    return own, sitting
