"""Votes of the members on a block: each member present once, the casting vote counted once (J11)."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.deliberation import BlockValue, ClosingError, ClosingErrorCode, DecisionRecord, Votes
from portfolio.domain.jury.rules.enums import Outcome


class VoteChoice(StrEnum):
    """A member's vote on validating a block."""

    FOR = "for"
    AGAINST = "against"
    ABSTAIN = "abstain"


class TieBreak(StrEnum):
    """Ground that settles a tie (J11): the president's vote, its absence, or a rule without casting vote."""

    PRESIDENT = "president"
    ABSTENTION = "abstention"
    NO_CASTING_VOTE = "no_casting_vote"


def tally(votes: Mapping[UUID, VoteChoice], voters: Collection[UUID]) -> Votes:
    """Return the counts of a ballot among the members who vote now.

    A vote of a member who left or recused does not count. A member present who did not vote counts as an abstention.
    """
    counted = Counter(choice for person, choice in votes.items() if person in set(voters))
    in_favour, against = counted[VoteChoice.FOR], counted[VoteChoice.AGAINST]
    return Votes(in_favour, against, len(set(voters)) - in_favour - against)


def is_complete(votes: Mapping[UUID, VoteChoice], voters: Collection[UUID]) -> bool:
    """Return whether every member who votes has voted."""
    return bool(voters) and set(voters) <= set(votes)


def tie_break_of(
    votes: Mapping[UUID, VoteChoice], voters: Collection[UUID], president: UUID | None, *, casting_vote: bool = True
) -> TieBreak | None:
    """Return what settles a ballot in which as many voted for as against; None when there is no tie (J11)."""
    if not tally(votes, voters).tied:
        return None
    if not casting_vote:
        return TieBreak.NO_CASTING_VOTE
    own = votes.get(president) if president in set(voters) else None
    return TieBreak.PRESIDENT if own in (VoteChoice.FOR, VoteChoice.AGAINST) else TieBreak.ABSTENTION


def outcome_of(
    votes: Mapping[UUID, VoteChoice], voters: Collection[UUID], president: UUID | None, *, casting_vote: bool = True
) -> Outcome:
    """Return the outcome of a ballot; on a tie the president's own vote decides, and counts only once (J11).

    On a tie the block is not validated when the president cast no vote, or when the rule gives no casting vote.
    """
    counts = tally(votes, voters)
    settled = tie_break_of(votes, voters, president, casting_vote=casting_vote)
    if settled is None:
        wins = (counts.in_favour or 0) > (counts.against or 0)
    else:
        wins = settled is TieBreak.PRESIDENT and president is not None and votes.get(president) is VoteChoice.FOR
    return Outcome.VALIDATED if wins else Outcome.NOT_VALIDATED


@dataclass(frozen=True, slots=True)
class BallotResult:
    """Result of a closed ballot: the counts, the outcome, and what settled a tie."""

    votes: Votes
    outcome: Outcome
    tie_break: TieBreak | None = None


@dataclass(frozen=True, slots=True)
class BallotState:
    """A ballot as the jury sees it: who has voted while it is open, the result once it is closed; never who chose what.

    `stands`: it is closed, and the members who could vote in it are those who can vote now. `result` is missing for a
    vote closed before outcomes were recorded, which does not stand.
    """

    id: UUID
    block_id: UUID
    round: int
    voted: frozenset[UUID]
    result: BallotResult | None = None
    is_open: bool = True
    stands: bool = False


def decision_after(ballot: BallotState | None, noted: DecisionRecord | None) -> DecisionRecord | None:
    """Return the decision on a block once its last ballot has decided it.

    A ballot that stands gives the outcome and the counts; the texts noted for the other outcome are not those
    of this decision. None while the last ballot is open, or when the jury has to vote again.
    """
    if ballot is None:
        return noted
    if ballot.result is None or not ballot.stands:
        return None
    if noted is None or noted.outcome is not ballot.result.outcome:
        return DecisionRecord(ballot.result.outcome, votes=ballot.result.votes)
    return replace(noted, votes=ballot.result.votes)


def is_superseded(ballot: BallotState | None, noted: DecisionRecord | None) -> bool:
    """Return whether the decision that was noted says the other outcome than the ballot that decides."""
    decided = decision_after(ballot, noted)
    return noted is not None and decided is not None and decided.outcome is not noted.outcome


def ballot_errors(block: BlockValue, ballot: BallotState | None) -> list[ClosingError]:
    """Say that the last ballot on a block is still open, or that those who vote are no longer those who voted in it."""
    if ballot is None or ballot.stands:
        return []
    code = ClosingErrorCode.BALLOT_OPEN if ballot.is_open else ClosingErrorCode.BALLOT_VOID
    return [ClosingError(code, {"block": block.number}, block.id)]
