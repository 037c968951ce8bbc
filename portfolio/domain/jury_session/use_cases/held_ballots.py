"""Ballots of a hearing with their votes: what the rules and the minutes read of them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from portfolio.domain.jury.models.deliberation import Ballot, MemberVote
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.ballots import BallotResult, BallotState, VoteChoice, tally
from portfolio.domain.jury.rules.deliberation import DecisionRecord
from portfolio.domain.jury.rules.enums import JuryRefusal
from portfolio.domain.jury.rules.member_status import MemberState, voters_now
from portfolio.errors import Refusal

# Asked at every page and closing of a hearing, so built once.
_BALLOTS = (
    select(Ballot, MemberVote.person_id, MemberVote.choice)
    .outerjoin(MemberVote, MemberVote.ballot_id == Ballot.id)
    .where(Ballot.hearing_id == bindparam("hearing"))
    .order_by(Ballot.opened_at, Ballot.round)
)


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

    A closed one stands while those who can vote are those who could vote in it; moved to another session, a
    hearing is deliberated anew.
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
