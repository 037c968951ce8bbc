"""Votes of the members on a block: each member present once, the casting vote counted once (J11)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome


class VoteChoice(StrEnum):
    """A member's vote on validating a block."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


def tally(votes: Mapping[UUID, VoteChoice], voters: Collection[UUID]) -> Votes:
    """Return the counts of a ballot among the members who vote now.

    A vote of a member who left or recused does not count. A member present who did not vote counts as an
    abstention.
    """
    counted = Counter(choice for person, choice in votes.items() if person in set(voters))
    in_favour, against = counted[VoteChoice.FOR], counted[VoteChoice.AGAINST]
    return Votes(in_favour, against, len(set(voters)) - in_favour - against)


def is_complete(votes: Mapping[UUID, VoteChoice], voters: Collection[UUID]) -> bool:
    """Return whether every member who votes has voted."""
    return bool(voters) and set(voters) <= set(votes)


def outcome_of(
    votes: Mapping[UUID, VoteChoice],
    voters: Collection[UUID],
    president: UUID | None,
    *,
    casting_vote: bool = True,
) -> Outcome | None:
    """Return the outcome of a ballot; on a tie the president's own vote decides, and counts only once (J11).

    None when the president abstained on a tie, or when nobody voted for or against: the jury decides
    otherwise.
    """
    counts = tally(votes, voters)
    if not counts.total:
        return None
    if not counts.tied:
        return Outcome.VALIDATED if (counts.in_favour or 0) > (counts.against or 0) else Outcome.NOT_VALIDATED
    if not casting_vote:
        return Outcome.NOT_VALIDATED
    own = votes.get(president) if president in set(voters) else None
    decided = {VoteChoice.FOR: Outcome.VALIDATED, VoteChoice.AGAINST: Outcome.NOT_VALIDATED}
    return decided.get(own) if own is not None else None
