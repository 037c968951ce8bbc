"""Audit of closed minutes beside their ballots, the president's casting vote, their sittings and the law (J11, §10)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from portfolio.domain.jury.rules.deliberation import Votes
from portfolio.domain.jury.rules.enums import Outcome
from portfolio.domain.jury.rules.opinions import VoteChoice, outcome_of, tally


class Contradiction(StrEnum):
    """Contradiction between closed minutes, or what followed from them, and what they record."""

    BALLOT = "ballot"
    BALLOT_OPEN = "ballot_open"
    CASTING_VOTE = "casting_vote"
    VALIDITY = "validity"
    # Made by others than the members of the minutes, or before the hearing was moved to them.
    OTHER_MEMBERS = "other_members"
    # Dated before the last vote, before the resumption, or of a day that nobody stated.
    DAY = "day"
    ABSENT_AFTER_VOTE = "absent_after_vote"
    VOICE = "voice"
    LAW = "law"
    LAW_CERTIFICATE = "law_certificate"


class Mending(StrEnum):
    """The act by which the certifier mends it; nothing is changed in silence."""

    ANNUL = "annul"
    NEW_JURY = "new_jury"
    PRESENT_AGAIN = "present_again"
    RECTIFY = "rectify"


@dataclass(frozen=True, slots=True)
class BallotFacts:
    """The last ballot on a block: whether it was closed, the vote of each member, and the outcome that was
    recorded at its end; ballots closed before it was recorded have none.
    """

    is_closed: bool
    votes: Mapping[UUID, VoteChoice]
    outcome: Outcome | None = None
    # The number of the block, and the day on which the ballot was closed.
    block: int = 0
    closed_on: date | None = None


@dataclass(frozen=True, slots=True)
class DecisionFacts:
    """Record of minutes for one block: the outcome, the counts, and the last ballot if one was held."""

    block: int
    outcome: Outcome
    votes: Votes = field(default_factory=Votes)
    ballot: BallotFacts | None = None


@dataclass(frozen=True, slots=True)
class DecidingJury:
    """Members who could vote at the closing, the president, and whether the rule gives a casting vote."""

    voters: frozenset[UUID]
    president: UUID | None
    casting_vote: bool = True


@dataclass(frozen=True, slots=True)
class SittingFacts:
    """Facts kept of the sitting that minutes close: who drafted, from when on, and the days that its decision has to
    follow. `stated_on`: the day of the deliberation as the presidency stated it.
    """

    decided_on: date
    closed_on: date
    is_heard: bool
    stated_on: date | None = None
    resumed_on: date | None = None
    voted_on: date | None = None
    moved_at: datetime | None = None
    drafted_at: datetime | None = None
    writers: frozenset[UUID] = frozenset()

    def is_of_others(self, members: frozenset[UUID]) -> bool:
        """Return whether others than these members drafted what was closed, or another sitting than theirs."""
        is_before_move = self.moved_at is not None and self.drafted_at is not None and self.drafted_at < self.moved_at
        return is_before_move or not self.writers <= members

    @property
    def is_of_another_day(self) -> bool:
        """Return whether the decision was made on a later day than it says, or on one that nothing tells."""
        last = max((day for day in (self.resumed_on, self.voted_on) if day is not None), default=None)
        if last is not None and self.decided_on < last:
            return True
        is_told = self.stated_on is not None or self.decided_on in (self.closed_on, self.voted_on)
        return self.is_heard and not is_told


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """One contradiction: its kind, the block, what the votes give, and the act that mends it."""

    kind: Contradiction
    mending: Mending
    block: int | None = None
    expected: Outcome | None = None
    votes: Votes = field(default_factory=Votes)
    reference: str = ""
    on: date | None = None


def audit_decision(decision: DecisionFacts, jury: DecidingJury) -> AuditFinding | None:
    """Return how a decision contradicts the last ballot on its block, or the counts typed where no ballot was
    held; None when it does not.

    On a tie the president's vote decides, if it was cast and the rule gives a casting vote; else the block is
    not validated (J11).
    """
    ballot, mending = decision.ballot, _mending(decision.outcome)
    if ballot is None:
        return _audit_counts(decision, jury)
    if not ballot.is_closed:
        return AuditFinding(Contradiction.BALLOT_OPEN, mending, decision.block)
    voters = frozenset(ballot.votes) if ballot.outcome is not None else jury.voters
    counts = tally(ballot.votes, voters)
    found = outcome_of(ballot.votes, voters, jury.president, casting_vote=jury.casting_vote)
    expected = ballot.outcome or found or Outcome.NOT_VALIDATED
    if expected is decision.outcome:
        return None
    kind = Contradiction.CASTING_VOTE if counts.tied else Contradiction.BALLOT
    return AuditFinding(kind, mending, decision.block, expected, counts)


def _audit_counts(decision: DecisionFacts, jury: DecidingJury) -> AuditFinding | None:
    """Read counts typed from a vote on paper; minutes of before do not say how the president voted, which a tie
    asks.
    """
    votes = decision.votes
    if not votes.complete:
        return None
    in_favour, against = votes.in_favour or 0, votes.against or 0
    if in_favour == against and jury.casting_vote and in_favour and votes.presidency is None:
        return AuditFinding(Contradiction.VOICE, Mending.RECTIFY, decision.block, votes=votes)
    expected = votes.outcome(casting_vote=jury.casting_vote)
    if expected is None or expected is decision.outcome:
        return None
    kind = Contradiction.CASTING_VOTE if in_favour == against else Contradiction.BALLOT
    return AuditFinding(kind, _mending(decision.outcome), decision.block, expected, votes)


def audit_sitting(
    sitting: SittingFacts,
    decisions: Mapping[int, DecisionFacts],
    ballots: Mapping[int, BallotFacts],
    members: frozenset[UUID],
) -> Iterator[AuditFinding]:
    """Yield what others than the members made, an absence said after a vote, and a day that is not that of the decision
    (domain §10). `decisions` and `ballots` are by the number of the block, `members` those who deliberated.
    """
    voted = {number for number, ballot in ballots.items() if ballot.is_closed}
    if not sitting.is_heard:
        yield from (AuditFinding(Contradiction.ABSENT_AFTER_VOTE, Mending.NEW_JURY, number) for number in sorted(voted))
        return
    for number, decision in decisions.items():
        by_others = number in voted and not members.issuperset(ballots[number].votes)
        if by_others or sitting.is_of_others(members):
            yield AuditFinding(Contradiction.OTHER_MEMBERS, _mending(decision.outcome), number)
    if sitting.is_of_another_day:
        yield AuditFinding(Contradiction.DAY, Mending.RECTIFY, on=sitting.decided_on)


def _mending(outcome: Outcome) -> Mending:
    """A block granted has a certificate, from which its decision is annulled; a refusal asks for another jury."""
    return Mending.ANNUL if outcome is Outcome.VALIDATED else Mending.NEW_JURY


def audit_law(cited: Mapping[str, str], *, is_bound: bool, is_rectified: bool) -> Iterator[AuditFinding]:
    """Yield the conditions that minutes attribute to an article of law which did not bind this path; none
    once a rectification was written.

    `cited`: the article that each condition names.
    """
    wrong = {} if is_bound or is_rectified else cited
    for article in sorted(set(wrong.values())):
        names = ", ".join(name for name, text in wrong.items() if text == article)
        yield AuditFinding(Contradiction.LAW, Mending.RECTIFY, reference=f"{article} ({names})")
