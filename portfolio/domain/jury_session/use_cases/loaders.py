"""From rows to the values that the rules read; nothing here decides.

Which deliberations are suspended, until when, and the letters that say so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, func, select
from sqlalchemy.orm import Session, defer, joinedload, selectinload

from portfolio.calendar import PARIS
from portfolio.db.engine import read_once
from portfolio.domain.candidacy.models import Candidacy, Submission
from portfolio.domain.certification.models import CertificationVersion, JuryRuleLine, JuryRuleRoute
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.jury_rule import JuryTerm, Seat
from portfolio.domain.certification.use_cases.jury_rules import jury_rule_of as published_rule
from portfolio.domain.jury.models.deliberation import Adjournment, Ballot, MemberVote
from portfolio.domain.jury.models.sessions import Hearing, JuryMember, JurySession
from portfolio.domain.jury.models.sittings import Sitting
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
from portfolio.domain.jury.rules.deliberation import DecisionRecord
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, deliberating, voters_now, voting
from portfolio.domain.jury.rules.opinions import BallotResult, BallotState, VoteChoice, tally
from portfolio.domain.jury.rules.quorum import DayValue, attendance_answers
from portfolio.domain.jury_session.use_cases.conflicts_of_interest import (
    NOBODY,
    Incompatibilities,
    load_incompatibilities,
)
from portfolio.errors import Refusal

# Asked at every page and closing of a hearing, so built once.
_BALLOTS = (
    select(Ballot, MemberVote.person_id, MemberVote.choice)
    .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
    .where(Ballot.hearing_id == bindparam("hearing"))
    .order_by(Ballot.opened_at, Ballot.round)
)
# Asked at every closing, so built once.
_SITTINGS = select(Sitting).where(Sitting.hearing_id == bindparam("hearing")).order_by(Sitting.number)


@dataclass(frozen=True)
class HeldBallot:
    """A ballot with its votes, by member."""

    row: Ballot
    votes: Mapping[UUID, VoteChoice]

    @property
    def result(self) -> BallotResult | None:
        """Return its result; None while it is open, and for one closed before outcomes were recorded."""
        if self.row.closed_at is None or self.row.outcome is None:
            return None
        return BallotResult(tally(self.votes, self.votes), self.row.outcome, self.row.tie_break)


def list_ballots(session: Session, hearing_id: UUID) -> list[HeldBallot]:
    """Return every ballot of a hearing with its votes, the first one opened first, in one query."""
    return held_ballots(session.execute(_BALLOTS, {"hearing": hearing_id}))


def held_ballots(rows: Iterable[Any]) -> list[HeldBallot]:
    """Return the ballots of rows that each have a ballot, who voted and what."""
    held: dict[UUID, tuple[Ballot, dict[UUID, VoteChoice]]] = {}
    for row, person, choice in rows:
        votes = held.setdefault(row.id, (row, {}))[1]
        if person is not None:
            votes[person] = choice
    return [HeldBallot(row, votes) for row, votes in held.values()]


def load_ballots(
    session: Session, hearing: Hearing, sitting: Collection[MemberState], quorum: int | None
) -> dict[UUID, BallotState]:
    """Return the last ballot of each block, in one query; of closed minutes, those that decided.

    A closed one stands while those who can vote are those who could vote in it.
    """
    return last_ballots(list_ballots(session, hearing.id), hearing, sitting, quorum)


def last_ballots(
    ballots: Iterable[HeldBallot], hearing: Hearing, sitting: Collection[MemberState], quorum: int | None
) -> dict[UUID, BallotState]:
    """Return the same of ballots already read."""
    voters = voters_now(sitting, quorum)
    return {
        held.row.block_id: _state(held, hearing, voters)
        for held in ballots
        if hearing.closed_at is None or held.result is not None
    }


def _state(held: HeldBallot, hearing: Hearing, voters: frozenset[UUID]) -> BallotState:
    row, voted = held.row, frozenset(held.votes)
    if row.closed_at is None:
        return BallotState(row.id, row.block_id, row.round, voted & voters)
    moved = hearing.moved_at is not None and row.closed_at < hearing.moved_at
    stands = row.outcome is not None and not moved and voted == voters
    return BallotState(
        row.id,
        row.block_id,
        row.round,
        voted,
        held.result,
        is_open=False,
        stands=stands or hearing.closed_at is not None,
    )


def with_ballot_votes(
    session: Session,
    hearing: Hearing,
    block_id: UUID,
    record: DecisionRecord,
    sitting: Collection[MemberState],
    quorum: int | None,
) -> DecisionRecord:
    """Return the decision with the counts of the ballot that decides the block, when there is one.

    Raise Refusal while the ballot is open, or when the decision is not the one that it gave (J11).
    """
    ballot = load_ballots(session, hearing, sitting, quorum).get(block_id)
    if ballot is None:
        return record
    if ballot.is_open:
        raise Refusal(JuryRefusal.BALLOT_OPEN)
    if ballot.result is None or not ballot.stands:
        return record
    if ballot.result.outcome is not record.outcome:
        raise Refusal(JuryRefusal.BALLOT_DECIDES, ballot=ballot.result)
    return replace(record, votes=ballot.result.votes)


def ballots_to_record(session: Session, hearing_id: UUID, numbers: Mapping[UUID, int]) -> list[dict[str, Any]]:
    """Return every ballot as the minutes record it: the block, the round, the counts and the outcome; never
    who chose what.

    One that the closing found open has no outcome. `numbers`: the number of each block.
    """
    return [_to_record(held, numbers[held.row.block_id]) for held in list_ballots(session, hearing_id)]


def _to_record(held: HeldBallot, block: int) -> dict[str, Any]:
    row, result = held.row, held.result
    record: dict[str, Any] = {"block": block, "round": row.round, "opened_at": row.opened_at.isoformat()}
    if row.closed_at is not None:
        record["closed_at"] = row.closed_at.isoformat()
    if result is not None:
        votes = result.votes
        record |= {"in_favour": votes.in_favour, "against": votes.against, "abstained": votes.abstained}
        record |= {"outcome": str(result.outcome)}
    if row.tie_break is not None:
        record["tie_break"] = str(row.tie_break)
    return record


def load_adjourned(session: Session, hearings: Collection[UUID]) -> set[UUID]:
    """Return the hearings adjourned in their session: its day is no longer the one to write."""
    query = select(Hearing.id).join(Adjournment, Adjournment.hearing_id == Hearing.id)
    stayed = Hearing.moved_at.is_(None) | (Hearing.moved_at < Adjournment.adjourned_at)
    return set(session.scalars(query.where(Hearing.id.in_(hearings), stayed))) if hearings else set()


_MEMBER = (joinedload(JuryMember.person), joinedload(JuryMember.ties))
# What a jury asks of a version is in its rows: its entry, which may be long, stays where it is.
_VERSION = joinedload(JurySession.version).defer(CertificationVersion.entry)
WITH_MEMBERS = (selectinload(JurySession.members).options(*_MEMBER), _VERSION)


# Asked at every page and closing of a hearing, so built once.
_HEARING = (
    select(Hearing)
    .where(Hearing.id == bindparam("hearing"))
    .options(
        joinedload(Hearing.session).options(joinedload(JurySession.members).options(*_MEMBER), _VERSION),
        joinedload(Hearing.submission).options(
            defer(Submission.manifest), joinedload(Submission.candidacy).joinedload(Candidacy.candidate)
        ),
    )
)


def composition_of(jury: JurySession, candidate: CandidateValue | None = None, on: date | None = None) -> Composition:
    """Hand those who hold the seats of a session to the rules, for one candidate or for any; `on`: the day of a
    sitting, that of the session without one.
    """
    members = frozenset(member.to_value() for member in jury.members if member.rank == 0)
    return Composition(members, rule_of_session(jury), on or jury.held_on, candidate, jury.external_months)


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
    jury: JurySession, path: PathValue, candidate: CandidateValue, sitting: Collection[MemberState], on: date
) -> tuple[PredicateAnswer, ...]:
    """Ask everything of the members who deliberate for one candidate on a day (J1–J15), under the rule and the law of
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
    composition = Composition(members, rule, on, candidate, months, without, noted, path)
    return attendance_answers(_day(jury, composition, seated), _left_out(rule))


def answers_while_open(
    session: Session,
    hearing: Hearing,
    sitting: Collection[MemberState],
    barring: Incompatibilities | None = None,
    on: date | None = None,
) -> tuple[PredicateAnswer, ...]:
    """Ask everything for the candidate of an open hearing on the day of its sitting, and on that of the decision (`on`)
    where it is another; closed minutes hold the answers of their closing.

    `barring`: who may not judge the candidate, when the caller has just read it.
    """
    if hearing.closed_at is not None:
        return ()
    candidacy, jury = hearing.submission.candidacy, hearing.session
    barring = barring or load_incompatibilities(session, [candidacy.candidate_id], jury.body_id)
    asked = (jury, path_of(candidacy), barring.value_of(candidacy), sitting)
    answers = answers_of_the_day(*asked, hearing.sitting_day)
    if on is None or on == hearing.sitting_day:
        return answers
    later = answers_of_the_day(*asked, on)
    pairs = zip(answers, later, strict=True)
    return tuple(second if second.prevents and not first.prevents else first for first, second in pairs)


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
    hearing: Hearing = session.scalars(_HEARING, {"hearing": hearing_id}).unique().one()
    return hearing


def barring_of(session: Session, hearing: Hearing) -> tuple[Incompatibilities | None, frozenset[UUID]]:
    """Return who may not judge the candidate of an open hearing, with why; nobody once the minutes are closed."""
    if hearing.closed_at is not None:
        return None, NOBODY
    candidacy = hearing.submission.candidacy
    barring = load_incompatibilities(session, [candidacy.candidate_id], hearing.session.body_id)
    return barring, barring.barred_from(candidacy.candidate_id, candidacy.advisor_id)


def in_order(rule: JuryRuleValue, sitting: Collection[MemberState]) -> tuple[MemberState, ...]:
    """List the members of a jury: the presidency first, then the seats of the rule, each with its substitutes."""
    return tuple(sorted(sitting, key=lambda state: (place_in(rule, state.member), state.rank)))


_ADJOURNED = (
    select(Adjournment).where(Adjournment.hearing_id == bindparam("hearing"), Adjournment.resumed_at.is_(None)).limit(1)
)


def lock_to_write(session: Session, hearing_id: UUID) -> Hearing:
    """Lock a hearing for an act of its jury. Raise Refusal once its minutes are closed, or its session is cancelled."""
    hearing = session.get_one(Hearing, hearing_id, with_for_update=True, populate_existing=True)
    require_open(hearing)
    return hearing


def require_open(hearing: Hearing) -> None:
    """Raise Refusal once the minutes of a hearing are closed, or its session is cancelled: no act is accepted."""
    if hearing.closed_at is not None:
        raise Refusal(JuryRefusal.ALREADY_CLOSED)
    if hearing.session.cancelled_at is not None:
        raise Refusal(JuryRefusal.SESSION_CANCELLED, day=hearing.session.held_on.isoformat())


def require_sitting_day(hearing: Hearing, at: datetime) -> None:
    """Raise Refusal before the day of the sitting under way."""
    if hearing.sitting_day > at.astimezone(PARIS).date():
        raise Refusal(JuryRefusal.BEFORE_THE_DAY, day=hearing.sitting_day.isoformat())


def require_not_adjourned(session: Session, hearing_id: UUID) -> None:
    """Raise Refusal while the deliberation is adjourned."""
    if find_adjournment(session, hearing_id) is not None:
        raise Refusal(JuryRefusal.ADJOURNED)


def find_adjournment(session: Session, hearing_id: UUID) -> Adjournment | None:
    """Find the adjournment that is not resumed yet."""
    return session.scalar(_ADJOURNED, {"hearing": hearing_id})


def list_sittings(session: Session, hearing_id: UUID) -> Sequence[Sitting]:
    """List the sittings of a hearing that ended, in order."""
    return session.scalars(_SITTINGS, {"hearing": hearing_id}).all()
