"""From rows to the values that the rules read; nothing here decides.

Which deliberations are suspended, until when, and the letters that say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from portfolio.db.engine import read_once
from portfolio.db.together import side_by_side
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import Block, CertificationVersion, Competency, JuryRuleLine, JuryRuleRoute
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat
from portfolio.domain.certification.use_cases.jury_rules import jury_rule_of as published_rule
from portfolio.domain.certification.use_cases.publishing import load_blocks
from portfolio.domain.holdings.use_cases.holdings import block_statuses_among
from portfolio.domain.jury.models.deliberation import Adjournment, Ballot, MemberVote, is_suspended, suspension_of
from portfolio.domain.jury.models.sessions import DecisionDraft, FindingDraft, Hearing, JuryMember, JurySession
from portfolio.domain.jury.rules.closing import HearingValue
from portfolio.domain.jury.rules.composition import (
    CandidateValue,
    Composition,
    JuryRuleValue,
    PathValue,
    PredicateAnswer,
    PredicateId,
    jury_rule_of,
    path_value,
    place_in,
)
from portfolio.domain.jury.rules.deliberation import BlockValue, CompetencyValue, DecidingValue
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, president_of, voters_among, voting
from portfolio.domain.jury.rules.quorum import DayValue, attendance_answers
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import (
    NOBODY,
    Incompatibilities,
    load_incompatibilities,
)
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.exclusions import is_readable
from portfolio.domain.jury_session.use_cases.held_ballots import held_ballots, last_ballots
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.errors import Refusal

if TYPE_CHECKING:
    from portfolio.domain.holdings.use_cases.holdings import HeldBlock


def load_adjourned(session: Session, hearings: Collection[UUID]) -> set[UUID]:
    """Return the hearings adjourned in their session: its day is no longer the one to write."""
    query = select(Hearing.id).join(Adjournment, Adjournment.hearing_id == Hearing.id)
    stayed = Hearing.moved_at.is_(None) | (Hearing.moved_at < Adjournment.adjourned_at)
    return set(session.scalars(query.where(Hearing.id.in_(hearings), stayed))) if hearings else set()


WITH_MEMBERS = (
    selectinload(JurySession.members).options(joinedload(JuryMember.person), joinedload(JuryMember.ties)),
    # What a jury asks of a version is in its rows: its entry, which may be long, stays where it is.
    joinedload(JurySession.version).defer(CertificationVersion.entry),
)


# Asked at every page and closing of a hearing, so built once.
_HEARING = (
    select(Hearing)
    .where(Hearing.id == bindparam("hearing"))
    .options(
        joinedload(Hearing.session).options(*WITH_MEMBERS),
        joinedload(Hearing.submission).options(
            defer(Submission.manifest), joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
        ),
    )
)
# What the jury drafted, voted and put off: without the drafts that a member recused or barred since wrote.
_DRAFTED = (
    side_by_side(
        Hearing,
        (FindingDraft, and_(FindingDraft.hearing_id == Hearing.id, is_readable(FindingDraft))),
        (DecisionDraft, and_(DecisionDraft.hearing_id == Hearing.id, is_readable(DecisionDraft))),
        (Ballot, Ballot.hearing_id == Hearing.id),
        (Adjournment, and_(Adjournment.hearing_id == Hearing.id, is_suspended(), Adjournment.resumed_at.is_(None))),
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

    @property
    def deliberates(self) -> tuple[MemberState, ...]:
        """Return who deliberates for this candidate, in the order of the seats."""
        return deliberating(self.sitting)


def composition_of(jury: JurySession, candidate: CandidateValue | None = None) -> Composition:
    """Hand those who hold the seats of a session to the rules, for one candidate or for any."""
    members = frozenset(member.to_value() for member in jury.members if member.rank == 0)
    return Composition(members, rule_of_session(jury), jury.held_on, candidate, jury.external_months)


def rule_of(version: CertificationVersion, route: Route | None = None) -> JuryRuleValue:
    """Return the jury rule of a published version for a route; without one, for VAE."""
    return jury_rule_of(published_rule(version, route or Route.VAE))


def rule_of_session(jury: JurySession) -> JuryRuleValue:
    """Return the rule that seats the jury of a session."""
    return rule_of(jury.version, jury.route)


def rule_of_hearing(hearing: Hearing) -> JuryRuleValue:
    """Return the rule that the jury of a candidate has to keep: that of the candidate's route."""
    return rule_of(hearing.session.version, hearing.submission.candidacy.route)


def quorum_of(session: Session, hearing: Hearing) -> int | None:
    """Return how many members must be present for a candidate, in one query; None asks for all of them."""
    route = and_(JuryRuleRoute.version_id == JurySession.version_id, JuryRuleRoute.route == Candidacy.route)
    query = (
        select(JuryRuleLine.count)
        .select_from(Submission)
        .join(Submission.candidacy)
        .join(JurySession, JurySession.id == hearing.session_id)
        .join(JuryRuleRoute, route)
        .join(JuryRuleLine, JuryRuleLine.rule_id == JuryRuleRoute.rule_id)
        .where(Submission.id == hearing.submission_id, JuryRuleLine.term == JuryTerm.QUORUM)
    )
    return session.scalar(query)


def have_several_rules(session: Session, versions: Collection[UUID]) -> bool:
    """Return whether one of these versions has several rules: a session is then planned for one route."""
    query = (
        select(JuryRuleRoute.version_id)
        .where(JuryRuleRoute.version_id.in_(versions))
        .group_by(JuryRuleRoute.version_id)
    )
    return session.scalar(query.having(func.count(JuryRuleRoute.rule_id.distinct()) > 1).limit(1)) is not None


def is_seat_of(jury: JurySession, seat: Seat, place: int = 1) -> bool:
    """Return whether a session has a seat, by its number among those of its kind."""
    return (seat, place) in rule_of_session(jury).places


def has_same_seats(jury: JurySession, route: Route) -> bool:
    """Return whether the jury of a session has the seats that a route asks for: another jury can never be
    regular for it.
    """
    return Counter(rule_of_session(jury).seats) == Counter(rule_of(jury.version, route).seats)


# What is only known candidate by candidate, as the members declare, read and come.
OF_THE_DAY = (PredicateId.J10, PredicateId.J13, PredicateId.J14)


def path_of(candidacy: Candidacy) -> PathValue:
    """Return the path of a candidacy: its admissibility, or the first day of its training, begins it."""
    return path_value(candidacy.route, candidacy.regime, candidacy.admissible_on)


def answers_for(jury: JurySession, path: PathValue) -> tuple[PredicateAnswer, ...]:
    """Ask of a session everything that does not depend on the candidate's day; `path`: `common_path`."""
    composition = replace(composition_of(jury), path=path)
    return attendance_answers(_day(jury, composition), (*OF_THE_DAY, *_left_out(composition.rule)))


def answers_of_the_day(
    jury: JurySession, path: PathValue, candidate: CandidateValue, sitting: Collection[MemberState]
) -> tuple[PredicateAnswer, ...]:
    """Ask everything of the members who deliberate for one candidate (J1–J15), under the rule and the law of
    the candidate's path.

    Where the version has a quorum, a member noted absent without a substitute keeps the seat and does not
    count among those who vote, declare and read; where it has none, J14 asks for them.
    """
    seated = deliberating(sitting)
    rule, months = rule_of(jury.version, path.route), jury.external_months
    members = frozenset(member_state.member for member_state in seated)
    without = frozenset(member_state.person for member_state in seated) - {
        member_state.person for member_state in voting(sitting, rule.quorum)
    }
    noted = any(member_state.present is not None for member_state in seated)
    composition = Composition(members, rule, jury.held_on, candidate, months, without, noted, path)
    return attendance_answers(_day(jury, composition, seated), _left_out(rule))


def answers_while_open(
    session: Session, hearing: Hearing, sitting: Collection[MemberState], barring: Incompatibilities | None = None
) -> tuple[PredicateAnswer, ...]:
    """Ask everything for the candidate of an open hearing; closed minutes hold the answers of their closing.

    `barring`: who may not judge the candidate, when the caller has just read it.
    """
    if hearing.closed_at is not None:
        return ()
    candidacy, jury = hearing.submission.candidacy, hearing.session
    barring = barring or load_incompatibilities(session, [candidacy.candidate_id], jury.body_id)
    return answers_of_the_day(jury, path_of(candidacy), barring.value_of(candidacy), sitting)


def _left_out(rule: JuryRuleValue) -> tuple[PredicateId, ...]:
    """J15 is practice, not law: it is asked where the version asks for it."""
    return () if rule.half_external else (PredicateId.J15,)


def _day(jury: JurySession, composition: Composition, seated: Collection[MemberState] = ()) -> DayValue:
    people = {member.person for member in composition.members}
    president = next(
        (
            jury_member
            for jury_member in jury.members
            if jury_member.seat is Seat.PRESIDENT and jury_member.person_id in people
        ),
        None,
    )
    return DayValue(
        composition,
        president.to_appointment() if president else None,
        {jury_member.person_id: jury_member.gender for jury_member in jury.members},
        jury.parity_reason,
        {
            member_state.person: member_state.declaration
            for member_state in seated
            if member_state.declaration is not None
        },
        frozenset(member_state.person for member_state in seated if member_state.has_read),
        frozenset(member_state.person for member_state in seated if member_state.present),
        composition.rule.quorum,
    )


@read_once
def load_hearing(session: Session, hearing_id: UUID) -> Hearing:
    """Read a hearing with its jury and its candidate. Raises NoResultFound for an unknown hearing."""
    hearing: Hearing = session.scalars(_HEARING, {"hearing": hearing_id}).one()
    return hearing


def presiding(session: Session, hearing_id: UUID) -> UUID | None:
    """Say who presides for a candidate: the president, or the substitute when recused or absent (J11)."""
    hearing = load_hearing(session, hearing_id)
    barred = _barring(session, hearing)[1]
    return president_of(load_member_states(session, hearing, hearing.session, barred))


def _barring(session: Session, hearing: Hearing) -> tuple[Incompatibilities | None, frozenset[UUID]]:
    """Return who may not judge the candidate of an open hearing, with why; nobody once the minutes are closed."""
    if hearing.closed_at is not None:
        return None, NOBODY
    candidacy = hearing.submission.candidacy
    barring = load_incompatibilities(session, [candidacy.candidate_id], hearing.session.body_id)
    return barring, barring.barred_from(candidacy.candidate_id, candidacy.advisor_id)


def load_hearing_state(session: Session, hearing_id: UUID) -> HearingState:
    """Read a hearing as it stands. Raises NoResultFound for an unknown hearing."""
    hearing = load_hearing(session, hearing_id)
    candidacy = hearing.submission.candidacy
    dossier = load_sealed_dossier(session, hearing.submission_id)
    blocks = load_blocks(session, hearing.session.version_id)
    names = [(block.id, block.number, block.title) for block in blocks]
    held = block_statuses_among(session, candidacy.candidate_id, names, on=hearing.session.held_on).held
    drafted = session.execute(_DRAFTED, {"hearing": hearing_id}).all()
    findings = {row.FindingDraft.competency_id: row.FindingDraft for row in drafted if row.FindingDraft}
    decisions = {row.DecisionDraft.block_id: row.DecisionDraft for row in drafted if row.DecisionDraft}
    ballots = held_ballots((row.Ballot, row.person_id, row.choice) for row in drafted if row.Ballot)
    suspensions = [suspension_of(row.Adjournment, hearing) for row in drafted if row.Adjournment]
    presented = blocks_presented(dossier, blocks)
    barring, barred = _barring(session, hearing)
    rule = rule_of_hearing(hearing)
    sitting = in_order(rule, load_member_states(session, hearing, hearing.session, barred))
    value = HearingValue(
        hearing.session.held_on,
        # A block granted elsewhere since is no longer this jury's to decide (R3, R6).
        tuple(block for block in presented if block.id not in held),
        DecidingValue(hearing.session.version.decision_rule, hearing.session.version.decision_threshold),
        {key: finding.to_value() for key, finding in findings.items()},
        {key: decision.to_value() for key, decision in decisions.items()},
        answers_while_open(session, hearing, sitting, barring),
        voters_among(sitting, rule.quorum),
        hearing.attendance,
        rule.casting_vote,
        last_ballots(ballots, hearing, sitting, rule.quorum),
        next(iter(suspensions), None) if hearing.closed_at is None else None,
    )
    return HearingState(hearing, candidacy, dossier, blocks, held, findings, decisions, presented, value, sitting)


def in_order(rule: JuryRuleValue, sitting: Collection[MemberState]) -> tuple[MemberState, ...]:
    """List the members of a jury: the presidency first, then the seats of the rule, each with its substitutes."""
    return tuple(sorted(sitting, key=lambda state: (place_in(rule, state.member), state.rank)))


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


_ADJOURNED = (
    select(Adjournment).where(Adjournment.hearing_id == bindparam("hearing"), Adjournment.resumed_at.is_(None)).limit(1)
)


def require_not_adjourned(session: Session, hearing_id: UUID) -> None:
    """Raise Refusal while the deliberation is adjourned."""
    if find_adjournment(session, hearing_id) is not None:
        raise Refusal(JuryRefusal.ADJOURNED)


def find_adjournment(session: Session, hearing_id: UUID) -> Adjournment | None:
    """Find the adjournment that is not resumed yet."""
    return session.scalar(_ADJOURNED, {"hearing": hearing_id})
