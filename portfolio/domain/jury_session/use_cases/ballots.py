"""Votes on a block, each member once, the last one closing the ballot."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.deliberation import Ballot, MemberVote
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, president_of, voters_now
from portfolio.domain.jury.rules.opinions import VoteChoice, is_complete, outcome_of, tie_break_of
from portfolio.domain.jury_session.use_cases.declarations import load_member_states
from portfolio.domain.jury_session.use_cases.deliberation import check_president, check_scope
from portfolio.domain.jury_session.use_cases.hearing_page import lock_open, require_ready_member
from portfolio.domain.jury_session.use_cases.loaders import (
    answers_while_open,
    quorum_of,
    require_sitting_day,
    rule_of_hearing,
)
from portfolio.errors import Refusal


def open_ballot(session: Session, hearing_id: UUID, block_id: UUID, *, by: UUID, at: datetime) -> Ballot:
    """Open a vote on a block; the one that is open is returned.

    Raise Refusal: not the president, before the day, a block not presented, or a jury that may not deliberate (J1–J14).
    """
    hearing = lock_open(session, hearing_id)
    sitting = load_member_states(session, hearing)
    check_president(sitting, by)
    require_sitting_day(hearing, at)
    check_scope(session, hearing, block_id)
    irregular = [answer.id for answer in answers_while_open(session, hearing, sitting) if answer.prevents]
    if irregular:
        raise Refusal(JuryRefusal.IRREGULAR_NOW, predicates=tuple(irregular))
    last = _last_ballot(session, hearing_id, block_id)
    if last is not None and last.closed_at is None:
        return last
    ballot = Ballot(
        hearing_id=hearing_id, block_id=block_id, round=(last.round if last else 0) + 1, opened_at=at, opened_by=by
    )
    session.add(ballot)
    session.flush()
    record_event(session, "ballot_opened", ("hearing", hearing_id), by=by, at=at, block=block_id, round=ballot.round)
    return ballot


def cast_vote(
    session: Session, hearing_id: UUID, ballot_id: UUID, choice: VoteChoice, *, by: UUID, at: datetime
) -> bool:
    """Cast one's own vote, or change it while the ballot is open; return whether the ballot is closed now.

    The last member present who votes closes the ballot. Raise Refusal: a closed ballot, or a member who does
    not vote here.
    """
    hearing = lock_open(session, hearing_id)
    _own, sitting = require_ready_member(session, hearing, by)
    voters = voters_now(sitting, quorum_of(session, hearing))
    if by not in voters:
        raise Refusal(JuryRefusal.NOT_VOTING)
    ballot = _open_ballot(session, hearing_id, ballot_id)
    votes = _votes(session, ballot_id)
    row = votes.get(by)
    if row is None:
        row = MemberVote(ballot_id=ballot_id, person_id=by)
        session.add(row)
    row.choice, row.cast_at = choice, at
    session.flush()
    record_event(session, "vote_cast", ("hearing", hearing_id), by=by, at=at, ballot=ballot_id)
    if is_complete({person: vote.choice for person, vote in (votes | {by: row}).items()}, voters):
        _close(session, hearing, ballot, sitting, by=by, at=at)
    return ballot.closed_at is not None


def close_ballot(session: Session, hearing_id: UUID, ballot_id: UUID, *, by: UUID, at: datetime) -> None:
    """Close a ballot: a member present who did not vote abstains.

    Raise Refusal: not the president, already closed.
    """
    hearing = lock_open(session, hearing_id)
    sitting = load_member_states(session, hearing)
    check_president(sitting, by)
    _close(session, hearing, _open_ballot(session, hearing_id, ballot_id), sitting, by=by, at=at)


def _open_ballot(session: Session, hearing_id: UUID, ballot_id: UUID) -> Ballot:
    ballot = session.scalar(select(Ballot).where(Ballot.id == ballot_id, Ballot.hearing_id == hearing_id))
    if ballot is None or ballot.closed_at is not None:
        raise Refusal(JuryRefusal.BALLOT_CLOSED)
    return ballot


def _close(
    session: Session, hearing: Hearing, ballot: Ballot, sitting: Collection[MemberState], *, by: UUID, at: datetime
) -> None:
    """Close a ballot and keep what it gives, among the members who can vote at this moment (J11)."""
    voters = voters_now(sitting, quorum_of(session, hearing))
    votes = _votes(session, ballot.id)
    for person in votes.keys() - voters:
        session.delete(votes[person])
    for person in sorted(voters - votes.keys()):
        session.add(MemberVote(ballot_id=ballot.id, person_id=person, choice=VoteChoice.ABSTAIN, cast_at=at))
    choices = {person: vote.choice for person, vote in votes.items()}
    president, casting_vote = president_of(sitting), rule_of_hearing(hearing).casting_vote
    ballot.closed_at = at
    ballot.outcome = outcome_of(choices, voters, president, casting_vote=casting_vote)
    ballot.tie_break = tie_break_of(choices, voters, president, casting_vote=casting_vote)
    session.flush()
    facts = {"block": ballot.block_id, "round": ballot.round, "outcome": ballot.outcome}
    record_event(session, "ballot_closed", ("hearing", ballot.hearing_id), by=by, at=at, **facts)


def _votes(session: Session, ballot_id: UUID) -> dict[UUID, MemberVote]:
    query = select(MemberVote).where(MemberVote.ballot_id == ballot_id)
    return {row.person_id: row for row in session.scalars(query)}


def _last_ballot(session: Session, hearing_id: UUID, block_id: UUID) -> Ballot | None:
    query = select(Ballot).where(Ballot.hearing_id == hearing_id, Ballot.block_id == block_id)
    return session.scalar(query.order_by(Ballot.round.desc()).limit(1))
