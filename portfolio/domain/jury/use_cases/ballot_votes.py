"""The votes of a ballot as the decision on the block reads them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.jury.models.deliberation import Ballot, MemberVote
from portfolio.domain.jury.models.sessions import Hearing
from portfolio.domain.jury.rules.ballots import outcome_of, tally
from portfolio.domain.jury.rules.deliberation import DecisionRecord
from portfolio.domain.jury.rules.member_status import MemberState, voting
from portfolio.domain.jury.rules.refusals import JuryRefusal
from portfolio.domain.jury.use_cases.declarations import load_member_states
from portfolio.domain.jury.use_cases.loaders import quorum_of
from portfolio.errors import Refusal


def latest_ballot(session: Session, hearing_id: UUID, block_id: UUID) -> Ballot | None:
    """Return the last ballot on a block."""
    query = select(Ballot).where(Ballot.hearing_id == hearing_id, Ballot.block_id == block_id)
    return session.scalar(query.order_by(Ballot.round.desc()).limit(1))


def with_ballot_votes(
    session: Session, hearing: Hearing, block_id: UUID, record: DecisionRecord
) -> DecisionRecord:
    """Return the decision with the counts of the ballot, when one was held.

    Raise Refusal while the ballot is open, or when a tie is decided against the president's own vote (J11).
    """
    ballot = latest_ballot(session, hearing.id, block_id)
    if ballot is None:
        return record
    if ballot.closed_at is None:
        raise Refusal(JuryRefusal.BALLOT_OPEN)
    choices = {person: vote.choice for person, vote in ballot_votes(session, ballot.id).items()}
    sitting = load_member_states(session, hearing)
    voters = voters_now(session, hearing, sitting)
    counts = tally(choices, voters)
    president = next(
        (
            member_state.person
            for member_state in voting(sitting, None)
            if member_state.member.seat is Seat.PRESIDENT
        ),
        None,
    )
    decided = outcome_of(choices, voters, president)
    if counts.tied and decided is not None and decided is not record.outcome:
        raise Refusal(JuryRefusal.CASTING_VOTE, outcome=str(decided))
    return replace(record, votes=counts)


def ballot_votes(session: Session, ballot_id: UUID) -> dict[UUID, MemberVote]:
    """Return the votes of a ballot, by member."""
    return {
        row.person_id: row
        for row in session.scalars(select(MemberVote).where(MemberVote.ballot_id == ballot_id))
    }


def voters_now(session: Session, hearing: Hearing, sitting: Collection[MemberState]) -> frozenset[UUID]:
    """Return the members who can vote now: those who deliberate, without those noted absent, recused or
    barred.
    """
    voters = voting(sitting, quorum_of(session, hearing))
    return frozenset(
        member.person for member in voters if member.present is not False and not member.is_excluded
    )
