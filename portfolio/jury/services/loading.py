"""From rows to the values that the rules read; nothing here decides."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portfolio.candidacy.models import Candidacy
from portfolio.certificate.services import held_blocks
from portfolio.certification.models import Block, CertificationVersion, Competency
from portfolio.certification.services import jury_rule_of as published_rule
from portfolio.jury.models import DecisionDraft, Finding, Hearing, JurySession, Member
from portfolio.jury.rules import (
    BlockValue,
    CandidateValue,
    CompetencyValue,
    Composition,
    DayValue,
    DecidingValue,
    HearingValue,
    JuryRuleValue,
    PredicateAnswer,
    PredicateId,
    Seat,
    SittingMember,
    day_answers,
    deliberating,
    jury_rule_of,
    voters_among,
    voting,
)
from portfolio.jury.services.barring import barring_of
from portfolio.jury.services.sitting import sitting_of
from portfolio.submission.models import Submission
from portfolio.submission.rules import SealedDossier
from portfolio.submission.services import sealed

if TYPE_CHECKING:
    from portfolio.certificate.services import HeldBlock

WITH_MEMBERS = (
    selectinload(JurySession.members).joinedload(Member.person),
    selectinload(JurySession.members).selectinload(Member.ties),
    joinedload(JurySession.version),
)


@dataclass(frozen=True)
class Standing:
    """A hearing and everything its rules need, read in a constant number of queries."""

    hearing: Hearing
    candidacy: Candidacy
    sealed: SealedDossier
    blocks: tuple[Block, ...]
    held: dict[UUID, HeldBlock]
    findings: dict[UUID, Finding]
    decisions: dict[UUID, DecisionDraft]
    presented: tuple[BlockValue, ...]
    value: HearingValue
    sitting: tuple[SittingMember, ...]

    @property
    def deliberates(self) -> tuple[SittingMember, ...]:
        """Who deliberates for this candidate, in the order of the seats."""
        return deliberating(self.sitting)


def composition_of(jury: JurySession, candidate: CandidateValue | None = None) -> Composition:
    """Hand whoever holds the seats of a session to the rules, for one candidate or for whoever comes."""
    members = frozenset(member.as_value() for member in jury.members if member.rank == 0)
    return Composition(members, rule_of(jury.version), jury.held_on, candidate, jury.external_months)


def rule_of(version: CertificationVersion) -> JuryRuleValue:
    """Give the jury rule of a published version."""
    return jury_rule_of(published_rule(version))


# What is only known candidate by candidate, as the members declare, read and come.
OF_THE_DAY = (PredicateId.J10, PredicateId.J13, PredicateId.J14)


def answers_for(jury: JurySession) -> tuple[PredicateAnswer, ...]:
    """Ask of a session everything that does not depend on the candidate's day."""
    composition = composition_of(jury)
    return day_answers(_day(jury, composition), (*OF_THE_DAY, *_left_out(composition.rule)))


def answers_of_the_day(
    jury: JurySession, candidate: CandidateValue, sitting: Collection[SittingMember]
) -> tuple[PredicateAnswer, ...]:
    """Ask everything of the members who deliberate for one candidate (J1–J15).

    Where the version has a quorum, whoever was noted absent without a substitute keeps the seat and does not count among
    those who vote, declare and read; where it has none, J14 asks for them.
    """
    seated = deliberating(sitting)
    rule, months = rule_of(jury.version), jury.external_months
    members = frozenset(one.member for one in seated)
    without = frozenset(one.person for one in seated) - {one.person for one in voting(sitting, rule.quorum)}
    composition = Composition(members, rule, jury.held_on, candidate, months, without)
    return day_answers(_day(jury, composition, seated), _left_out(rule))


def answers_while_open(session: Session, hearing: Hearing, sitting: Collection[SittingMember]) -> tuple[PredicateAnswer, ...]:
    """Ask everything for the candidate of an open hearing; closed minutes hold the answers of their closing."""
    if hearing.closed_at is not None:
        return ()
    candidacy, jury = hearing.submission.candidacy, hearing.session
    barring = barring_of(session, [candidacy.candidate_id], jury.body_id)
    return answers_of_the_day(jury, barring.value_of(candidacy), sitting)


def _left_out(rule: JuryRuleValue) -> tuple[PredicateId, ...]:
    """J15 is practice, not law: it is asked where the version asks for it."""
    return () if rule.half_external else (PredicateId.J15,)


def _day(jury: JurySession, composition: Composition, seated: Collection[SittingMember] = ()) -> DayValue:
    people = {member.person for member in composition.members}
    president = next((one for one in jury.members if one.seat is Seat.PRESIDENT and one.person_id in people), None)
    return DayValue(
        composition,
        president.as_appointment() if president else None,
        {one.person_id: one.gender for one in jury.members},
        jury.parity_reason,
        {one.person: one.declaration for one in seated if one.declaration is not None},
        frozenset(one.person for one in seated if one.has_read),
        frozenset(one.person for one in seated if one.present),
        composition.rule.quorum,
    )


def load_standing(session: Session, hearing_id: UUID) -> Standing:
    """Read a hearing as it stands. Raises NoResultFound for an unknown hearing."""
    hearing = session.scalars(
        select(Hearing)
        .where(Hearing.id == hearing_id)
        .options(
            joinedload(Hearing.session).options(*WITH_MEMBERS),
            joinedload(Hearing.submission).joinedload(Submission.candidacy).joinedload(Candidacy.candidate),
        )
    ).one()
    candidacy = hearing.submission.candidacy
    dossier = sealed(session, hearing.submission_id)
    blocks = blocks_of(session, hearing.session.version_id)
    held = held_blocks(session, candidacy.candidate_id, candidacy.version_id)
    findings = {one.competency_id: one for one in session.scalars(select(Finding).where(Finding.hearing_id == hearing_id))}
    drafts = session.scalars(select(DecisionDraft).where(DecisionDraft.hearing_id == hearing_id))
    decisions = {one.block_id: one for one in drafts}
    presented = blocks_presented(dossier, blocks)
    sitting = sitting_of(session, hearing, hearing.session)
    quorum = rule_of(hearing.session.version).quorum
    value = HearingValue(
        hearing.session.held_on,
        # A block granted elsewhere since is no longer this jury's to decide (R3, R6).
        tuple(block for block in presented if block.id not in held),
        DecidingValue(hearing.session.version.decision_rule, hearing.session.version.decision_threshold),
        {key: one.as_value() for key, one in findings.items()},
        {key: one.as_value() for key, one in decisions.items()},
        answers_while_open(session, hearing, sitting),
        voters_among(sitting, quorum),
        hearing.attendance,
    )
    return Standing(hearing, candidacy, dossier, blocks, held, findings, decisions, presented, value, sitting)


def blocks_of(session: Session, version_id: UUID) -> tuple[Block, ...]:
    """List the blocks of a version with their competencies, in the order of the certification."""
    query = select(Block).where(Block.version_id == version_id).order_by(Block.number)
    return tuple(session.scalars(query.options(selectinload(Block.competencies))))


def blocks_presented(dossier: SealedDossier, blocks: Collection[Block]) -> tuple[BlockValue, ...]:
    """List the blocks that a sealed dossier presents, in the order of the certification."""
    presented = {block.number for block in dossier.blocks}
    return tuple(_block_value(block, dossier) for block in blocks if block.number in presented)


def _block_value(block: Block, dossier: SealedDossier) -> BlockValue:
    return BlockValue(block.id, block.number, tuple(_competency(block, one, dossier) for one in block.competencies))


def _competency(block: Block, one: Competency, dossier: SealedDossier) -> CompetencyValue:
    label = f"{block.number}.{one.number}"
    return CompetencyValue(one.id, label, claimed=bool(dossier.shows(label)))
