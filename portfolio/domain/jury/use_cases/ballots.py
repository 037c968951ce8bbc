"""Votes on a block: the president opens a ballot, each member present votes once, the counts go to the
decision.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.jury.models.deliberation import Ballot, MemberVote
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.ballots import VoteChoice, is_complete, tally
from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.member_status import MemberState
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.ballot_votes import ballot_votes, latest_ballot, voters_now
from portfolio.domain.jury.use_cases.declarations import load_member_states
from portfolio.domain.jury.use_cases.deliberation import check_president, check_scope
from portfolio.domain.jury.use_cases.in_session import lock_open, require_ready_member, require_session_day
from portfolio.domain.jury.use_cases.loaders import answers_while_open
from portfolio.errors import Refusal


@dataclass(frozen=True)
class BallotState:
    """A ballot as the jury sees it: who has voted while it is open, the counts once it is closed; never who
    chose what.
    """

    id: UUID
    block_id: UUID
    round: int
    is_open: bool
    voted: frozenset[UUID]
    votes: Votes | None


def open_ballot(session: Session, hearing_id: UUID, block_id: UUID, *, by: UUID, at: datetime) -> Ballot:
    """Open a vote on a block; the one that is open is returned.

    Raise Refusal: not the president, before the day, a block not presented, or a jury that may not deliberate
    (J1–J14).
    """
    hearing = lock_open(session, hearing_id)
    sitting = load_member_states(session, hearing)
    check_president(sitting, by)
    require_session_day(hearing, at)
    check_scope(session, hearing, block_id)
    irregular = [answer.id for answer in answers_while_open(session, hearing, sitting) if answer.prevents]
    if irregular:
        raise Refusal(JuryRefusal.IRREGULAR_NOW, predicates=tuple(irregular))
    last = latest_ballot(session, hearing_id, block_id)
    if last is not None and last.closed_at is None:
        return last
    ballot = Ballot(
        hearing_id=hearing_id,
        block_id=block_id,
        round=(last.round if last else 0) + 1,
        opened_at=at,
        opened_by=by,
    )
    session.add(ballot)
    session.flush()
    record_event(
        session, "ballot_opened", ("hearing", hearing_id), by=by, at=at, block=block_id, round=ballot.round
    )
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
    voters = voters_now(session, hearing, sitting)
    if by not in voters:
        raise Refusal(JuryRefusal.NOT_VOTING)
    ballot = _open_ballot(session, hearing_id, ballot_id)
    votes = ballot_votes(session, ballot_id)
    row = votes.get(by)
    if row is None:
        row = MemberVote(ballot_id=ballot_id, person_id=by)
        session.add(row)
    row.choice, row.cast_at = choice, at
    session.flush()
    record_event(session, "vote_cast", ("hearing", hearing_id), by=by, at=at, ballot=ballot_id)
    if is_complete({person: vote.choice for person, vote in (votes | {by: row}).items()}, voters):
        _close(session, ballot, by=by, at=at)
    return ballot.closed_at is not None


def close_ballot(session: Session, hearing_id: UUID, ballot_id: UUID, *, by: UUID, at: datetime) -> None:
    """Close a ballot: a member present who did not vote abstains.

    Raise Refusal: not the president, already closed.
    """
    hearing = lock_open(session, hearing_id)
    check_president(load_member_states(session, hearing), by)
    _close(session, _open_ballot(session, hearing_id, ballot_id), by=by, at=at)


def load_ballots(
    session: Session, hearing: Hearing, sitting: Collection[MemberState]
) -> dict[UUID, BallotState]:
    """Return the last ballot of each block, in two queries."""
    rows = session.scalars(select(Ballot).where(Ballot.hearing_id == hearing.id).order_by(Ballot.round)).all()
    last = {row.block_id: row for row in rows}
    votes: dict[UUID, dict[UUID, VoteChoice]] = {}
    query = select(MemberVote).where(MemberVote.ballot_id.in_([row.id for row in last.values()]))
    for vote in session.scalars(query) if last else ():
        votes.setdefault(vote.ballot_id, {})[vote.person_id] = vote.choice
    voters = voters_now(session, hearing, sitting) if last else frozenset()
    return {block: _state(row, votes.get(row.id, {}), voters) for block, row in last.items()}


def _state(row: Ballot, votes: dict[UUID, VoteChoice], voters: Collection[UUID]) -> BallotState:
    is_open = row.closed_at is None
    return BallotState(
        row.id,
        row.block_id,
        row.round,
        is_open,
        frozenset(votes) & frozenset(voters),
        None if is_open else tally(votes, voters),
    )


def _open_ballot(session: Session, hearing_id: UUID, ballot_id: UUID) -> Ballot:
    ballot = session.scalar(select(Ballot).where(Ballot.id == ballot_id, Ballot.hearing_id == hearing_id))
    if ballot is None or ballot.closed_at is not None:
        raise Refusal(JuryRefusal.BALLOT_CLOSED)
    return ballot


def _close(session: Session, ballot: Ballot, *, by: UUID, at: datetime) -> None:
    ballot.closed_at = at
    session.flush()
    record_event(
        session, "ballot_closed", ("hearing", ballot.hearing_id), by=by, at=at, block=ballot.block_id
    )
