"""Opinions of the members before the deliberation, and their votes on a block (J11)."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from portfolio.domain.jury.rules.deliberation import BlockValue, ClosingError, ClosingErrorCode, DecisionRecord, Votes
from portfolio.domain.jury.rules.enums import FindingValue, Outcome

_ORDER = tuple(FindingValue)


class InterviewKind(StrEnum):
    """The occasion on which the jury heard or saw something (R5)."""

    INTERVIEW = "interview"
    PRACTICAL_CASE = "practical_case"


@dataclass(frozen=True, slots=True)
class OpinionInput:
    """The opinion of one member on one competency."""

    value: FindingValue
    comment: str = ""


@dataclass(frozen=True, slots=True)
class InterviewInput:
    """One line of the interview sheet: the question, what was heard, who asked, on which competency."""

    kind: InterviewKind
    question: str
    heard: str
    asked_by: UUID | None = None
    competency_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class MemberOpinion:
    """An opinion that is shown: who gave it, its value and its comment."""

    person: UUID
    name: str
    value: FindingValue
    comment: str


@dataclass(frozen=True, slots=True)
class ComparedOpinions:
    """The opinions on one competency, with how far apart they are: 0 when all agree, 2 at most."""

    competency_id: UUID
    label: str
    text: str
    opinions: tuple[MemberOpinion, ...]

    @property
    def counts(self) -> tuple[tuple[FindingValue, int], ...]:
        """Return how many members chose each value, from acquired to not acquired."""
        counted = Counter(opinion.value for opinion in self.opinions)
        return tuple((value, counted[value]) for value in _ORDER if counted[value])

    @property
    def spread(self) -> int:
        """Return the distance between the two opinions that are furthest apart."""
        places = [_ORDER.index(opinion.value) for opinion in self.opinions]
        return max(places) - min(places) if places else 0

    @property
    def minority(self) -> int:
        """Return how many members are not with the most common value."""
        return len(self.opinions) - max((number for _, number in self.counts), default=0)


def divergences_first(compared: Sequence[ComparedOpinions]) -> tuple[ComparedOpinions, ...]:
    """Return the competencies with the widest divergence first; the order of the certification settles a tie."""
    return tuple(sorted(compared, key=lambda opinions: (-opinions.spread, -opinions.minority)))


def all_given(voters: Collection[UUID], given: Collection[UUID]) -> bool:
    """Return whether every member who votes gave their opinions; False when nobody votes."""
    return bool(voters) and set(voters) <= set(given)


def missing_competencies(presented: Sequence[UUID], opinions: Mapping[UUID, object]) -> tuple[UUID, ...]:
    """Return the competencies on which a member has no opinion yet, in order."""
    return tuple(competency for competency in presented if competency not in opinions)


# Under this share of the exhibits, the attestation is asked a second time (design).
LITTLE_READ = Fraction(1, 2)


class NoteKind(StrEnum):
    """The kind of a private note: a remark, or a question to ask at the interview."""

    NOTE = "note"
    QUESTION = "question"


@dataclass(frozen=True, slots=True)
class NoteInput:
    """A private note as typed, with the place it is pinned to."""

    kind: NoteKind
    text: str
    competency_id: UUID | None = None
    exhibit: str | None = None
    page: int | None = None
    second: int | None = None


@dataclass(frozen=True, slots=True)
class ReadingExtent:
    """The exhibits that a member opened among those of the sealed dossier."""

    opened: frozenset[str]
    total: int

    @property
    def count(self) -> int:
        """Return the number of exhibits opened."""
        return len(self.opened)

    @property
    def is_little(self) -> bool:
        """Tell whether fewer than half of the exhibits were opened here; a dossier without exhibits is never little
        read.
        """
        return self.count < self.total * LITTLE_READ

    @property
    def is_complete(self) -> bool:
        """Tell whether every exhibit was opened at least once."""
        return self.count >= self.total


def reading_extent(opened: Iterable[str], sealed: Collection[str]) -> ReadingExtent:
    """Return the extent of a reading; an exhibit that is not in the sealed dossier does not count."""
    return ReadingExtent(frozenset(opened) & frozenset(sealed), len(sealed))


def days_left(held_on: date, today: date) -> int:
    """Return the whole days before the session; 0 on its day and after."""
    return max((held_on - today).days, 0)


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
