"""A hearing with everything its rules need, as it stands."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date
from uuid import UUID

from sqlalchemy import and_, bindparam
from sqlalchemy.orm import Session

from portfolio.calendar import day_of
from portfolio.db.together import side_by_side
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.certification.models import Block, Competency
from portfolio.domain.certification.use_cases.publishing import load_blocks
from portfolio.domain.holdings.use_cases.holdings import HeldBlock, block_statuses_among
from portfolio.domain.jury.models.deliberation import Adjournment, Ballot, MemberVote, suspends, suspension_of
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing
from portfolio.domain.jury.rules.closing import HearingValue
from portfolio.domain.jury.rules.deliberation import BlockValue, CompetencyValue, DecidingValue
from portfolio.domain.jury.rules.member_status import (
    MemberState,
    deliberating,
    presidency_votes,
    voters_among,
    voters_digest,
    voters_now,
)
from portfolio.domain.jury.rules.sitting import DecisionDay
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.exclusions import is_readable
from portfolio.domain.jury_session.use_cases.loaders import (
    answers_while_open,
    barring_of,
    held_ballots,
    in_order,
    last_ballots,
    load_hearing,
    rule_of_hearing,
)
from portfolio.domain.submission.models import DossierReturn
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier

# What the jury drafted, voted and put off, and the open return of what it reads: without the drafts that a member
# recused or barred since wrote.
_DRAFTED = (
    side_by_side(
        Hearing,
        (FindingDraft, and_(FindingDraft.hearing_id == Hearing.id, is_readable(FindingDraft))),
        (DecisionDraft, and_(DecisionDraft.hearing_id == Hearing.id, is_readable(DecisionDraft))),
        (Ballot, Ballot.hearing_id == Hearing.id),
        (Adjournment, suspends()),
        (DossierReturn, and_(DossierReturn.submission_id == Hearing.submission_id, DossierReturn.is_open.is_(True))),
    )
    .add_columns(MemberVote.person_id, MemberVote.choice)
    .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
    .where(Hearing.id == bindparam("hearing"))
    .order_by(Ballot.opened_at, Ballot.round)
)


@dataclass(frozen=True)
class HearingState:
    """A hearing and everything its rules need, read in a constant number of queries."""

    hearing: Hearing
    candidacy: Candidacy
    sealed: SealedDossier
    blocks: tuple[Block, ...]
    held: dict[UUID, HeldBlock]
    findings: dict[UUID, FindingDraft]
    decisions: dict[UUID, DecisionDraft]
    presented: tuple[BlockValue, ...]
    value: HearingValue
    sitting: tuple[MemberState, ...]
    # The days between which the decision lies.
    day: DecisionDay
    # The return for completion that is open, of the sealed version that the jury reads.
    returned: DossierReturn | None = None

    @property
    def deliberates(self) -> tuple[MemberState, ...]:
        """Return who deliberates for this candidate, in the order of the seats."""
        return deliberating(self.sitting)


def load_hearing_state(
    session: Session, hearing_id: UUID, today: date | None = None, stated: date | None = None
) -> HearingState:
    """Read a hearing as it stands, on the day of its decision; raise NoResultFound for an unknown hearing.

    `today`: the day of a closing, which the day of the decision cannot follow; `stated`: that of the deliberation, as
    the presidency states it.
    """
    hearing = load_hearing(session, hearing_id)
    candidacy = hearing.submission.candidacy
    dossier = load_sealed_dossier(session, hearing.submission_id)
    blocks = load_blocks(session, hearing.session.version_id)
    names = [(block.id, block.number, block.title) for block in blocks]
    drafted = session.execute(_DRAFTED, {"hearing": hearing_id}).all()
    findings = {row.FindingDraft.competency_id: row.FindingDraft for row in drafted if row.FindingDraft}
    decisions = {row.DecisionDraft.block_id: row.DecisionDraft for row in drafted if row.DecisionDraft}
    ballots = held_ballots((row.Ballot, row.person_id, row.choice) for row in drafted if row.Ballot)
    suspensions = [suspension_of(row.Adjournment, hearing) for row in drafted if row.Adjournment]
    presented = blocks_presented(dossier, blocks)
    barring, barred = barring_of(session, hearing)
    rule = rule_of_hearing(hearing)
    sitting = in_order(rule, load_member_states(session, hearing, hearing.session, barred))
    last = last_ballots(ballots, hearing, sitting, rule.quorum)

    def held_on_day(on: date) -> dict[UUID, HeldBlock]:
        return block_statuses_among(session, candidacy.candidate_id, names, on=on).held

    closed = [day_of(ballot.row.closed_at) for ballot in ballots if ballot.row.closed_at is not None]
    day = DecisionDay(hearing.sitting_day, hearing.sitting_day, tuple(closed), stated=stated)
    held = held_on_day(day.earliest)
    put_to_vote = [last.get(block.id) for block in presented if block.id not in held]
    is_balloted = bool(put_to_vote) and all(ballot is not None and ballot.stands for ballot in put_to_vote)
    day = replace(day, today=max(today or day.earliest, day.earliest), is_balloted=is_balloted)
    if day.day != day.earliest:
        held = held_on_day(day.day)
    digest = voters_digest(voters_now(sitting, rule.quorum))
    unconfirmed = {key for key, row in (*findings.items(), *decisions.items()) if row.voters not in (None, digest)}
    value = HearingValue(
        hearing.sitting_day,
        # A block granted elsewhere since is no longer this jury's to decide (R3, R6).
        tuple(block for block in presented if block.id not in held),
        DecidingValue(hearing.session.version.decision_rule, hearing.session.version.decision_threshold),
        {key: finding.to_value() for key, finding in findings.items()},
        {key: decision.to_value() for key, decision in decisions.items()},
        answers_while_open(session, hearing, sitting, barring, day.day),
        voters_among(sitting, rule.quorum),
        presidency_votes(sitting, rule.quorum),
        hearing.attendance,
        rule.casting_vote,
        last,
        next(iter(suspensions), None) if hearing.closed_at is None else None,
        day,
        frozenset(unconfirmed),
    )
    returned = next((row.DossierReturn for row in drafted if row.DossierReturn), None)
    shown = (hearing, candidacy, dossier, blocks, held, findings, decisions, presented, value, sitting, day)
    return HearingState(*shown, returned if hearing.closed_at is None else None)


def blocks_presented(dossier: SealedDossier, blocks: Collection[Block]) -> tuple[BlockValue, ...]:
    """List the blocks that a sealed dossier presents, in the order of the certification."""
    presented = {block.number for block in dossier.blocks}
    return tuple(_block_value(block, dossier) for block in blocks if block.number in presented)


def _block_value(block: Block, dossier: SealedDossier) -> BlockValue:
    deciding = DecidingValue(block.decision_rule, block.decision_threshold) if block.decision_rule is not None else None
    return BlockValue(
        block.id,
        block.number,
        tuple(_competency(block, competency, dossier) for competency in block.competencies),
        deciding,
    )


def _competency(block: Block, competency: Competency, dossier: SealedDossier) -> CompetencyValue:
    label = f"{block.number}.{competency.number}"
    return CompetencyValue(competency.id, label, claimed=bool(dossier.shows(label)))
