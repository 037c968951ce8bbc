"""Derive a block from its findings (R4), required reasons (R5), and decisions that override the findings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.jury.rules.composition import Fact
from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, Outcome, PresidencyVote

# What a finding weighs when the version asks for a mean (R4); shown, never a score of a person.
WEIGHTS: Mapping[FindingValue, Fraction] = {
    FindingValue.ACQUIRED: Fraction(1),
    FindingValue.PARTIALLY: Fraction(1, 2),
    FindingValue.NOT_ACQUIRED: Fraction(0),
}


@dataclass(frozen=True, slots=True)
class CompetencyValue:
    """A competency before the jury: its label (« 2.3 ») and whether the sealed dossier claims a piece for it."""

    id: UUID
    label: str
    claimed: bool


@dataclass(frozen=True, slots=True)
class BlockValue:
    """A block that this jury decides."""

    id: UUID
    number: int
    competencies: tuple[CompetencyValue, ...]
    # How this block is decided when it is not as its version says (R4).
    deciding: DecidingValue | None = None


@dataclass(frozen=True, slots=True)
class DecidingValue:
    """Rule by which a version makes a block (R4); `threshold` in percent, all of it when the version gives none."""

    rule: DecisionRule = DecisionRule.EVERY
    threshold: int | None = None

    @property
    def share(self) -> Fraction:
        """Give the threshold as an exact share."""
        return Fraction(100 if self.threshold is None else self.threshold, 100)


@dataclass(frozen=True, slots=True)
class FindingRecord:
    """Finding on one competency, why, and on which ground when nothing was claimed."""

    value: FindingValue
    reason: str = ""
    ground: Demonstration | None = None
    ground_text: str = ""


@dataclass(frozen=True, slots=True)
class Votes:
    """Votes of the members on validating a block, each once, the president among them; on a tie the president's vote
    decides.

    J11. `abstained` None: the members present who are in neither count. `presidency`: how the president voted, of
    counts typed by hand; None in a ballot, and in counts typed before it was asked.
    """

    in_favour: int | None = None
    against: int | None = None
    abstained: int | None = None
    presidency: PresidencyVote | None = None

    @property
    def counted(self) -> bool:
        """Tell whether a vote was counted at all."""
        return self.in_favour is not None or self.against is not None or self.abstained is not None

    @property
    def complete(self) -> bool:
        """Tell whether both counts are given."""
        return self.in_favour is not None and self.against is not None

    @property
    def tied(self) -> bool:
        """Tell whether the president's vote decided."""
        return self.complete and self.in_favour == self.against

    @property
    def total(self) -> int:
        """Return how many voted for or against."""
        return (self.in_favour or 0) + (self.against or 0)

    def abstentions(self, voters: int) -> int | None:
        """Count the members who voted neither for nor against, of so many who could; None when no vote was counted."""
        if not self.complete:
            return None
        return max(voters - self.total, 0) if self.abstained is None else self.abstained

    def outcome(self, *, casting_vote: bool) -> Outcome | None:
        """Return the one outcome that the counts make: the majority, on a tie the president's vote where the rule lets
        it decide, else not validated (J11). None while the counts, or on a tie the president's vote, are not known.
        """
        if self.in_favour is None or self.against is None:
            return None
        if not self.tied:
            return Outcome.VALIDATED if self.in_favour > self.against else Outcome.NOT_VALIDATED
        if self.in_favour == 0 or not casting_vote:
            return Outcome.NOT_VALIDATED
        if self.presidency is None:
            return None
        return Outcome.VALIDATED if self.presidency is PresidencyVote.FOR else Outcome.NOT_VALIDATED

    @property
    def belies_presidency(self) -> bool:
        """Return whether the president's vote is in none of the counts where it should be."""
        counts = {
            PresidencyVote.FOR: self.in_favour,
            PresidencyVote.AGAINST: self.against,
            PresidencyVote.ABSTAINED: self.abstained,
        }
        return self.presidency is not None and counts.get(self.presidency) == 0


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """Decision on one block; `no_recommendation` says why nothing is recommended when it is not validated."""

    outcome: Outcome
    reason: str = ""
    override_reason: str = ""
    recommendation: str = ""
    votes: Votes = Votes()
    no_recommendation: str = ""

    @property
    def has_recommendation_or_reason(self) -> bool:
        """Tell whether a refusal says what is expected next, or why it says nothing."""
        return bool(self.recommendation.strip() or self.no_recommendation.strip())


Findings = Mapping[UUID, FindingRecord]
Decisions = Mapping[UUID, DecisionRecord]


@dataclass(frozen=True, slots=True)
class ConsistencyAnswer:
    """Outcome that R4 expects for a block, on which findings; `expected` is None while the missing ones
    could turn it.
    """

    expected: Outcome | None
    deciding: DecidingValue
    acquired: tuple[str, ...]
    short: tuple[str, ...]
    missing: tuple[str, ...]


def expected_outcome(block: BlockValue, findings: Findings, deciding: DecidingValue) -> ConsistencyAnswer:
    """Say what the findings make of a block (R4): every competency acquired, or the version's threshold or mean.

    It answers as soon as it can: one refused competency is enough where every one is needed. A block with a rule of its
    own follows it.
    """
    deciding = block.deciding or deciding
    found = [
        (competency.label, findings[competency.id].value)
        for competency in block.competencies
        if competency.id in findings
    ]
    values = [value for _, value in found]
    gap = len(block.competencies) - len(found)
    best = _makes_block(values + [FindingValue.ACQUIRED] * gap, deciding)
    worst = _makes_block(values + [FindingValue.NOT_ACQUIRED] * gap, deciding)
    outcome = Outcome.VALIDATED if best else Outcome.NOT_VALIDATED
    return ConsistencyAnswer(
        outcome if best == worst else None,
        deciding,
        tuple(label for label, value in found if value is FindingValue.ACQUIRED),
        tuple(label for label, value in found if value is not FindingValue.ACQUIRED),
        tuple(competency.label for competency in block.competencies if competency.id not in findings),
    )


def _makes_block(values: Sequence[FindingValue], deciding: DecidingValue) -> bool:
    if not values:
        return False
    acquired = sum(value is FindingValue.ACQUIRED for value in values)
    if deciding.rule is DecisionRule.EVERY:
        return acquired == len(values)
    if deciding.rule is DecisionRule.THRESHOLD:
        return Fraction(acquired, len(values)) >= deciding.share
    return sum((WEIGHTS[value] for value in values), Fraction(0)) / len(values) >= deciding.share


class ClosingErrorCode(StrEnum):
    """Faults that prevent closing the minutes of a hearing."""

    BEFORE_SESSION_DAY = "before_session_day"
    SUSPENDED = "suspended"
    IRREGULAR = "irregular"
    FINDING_MISSING = "finding_missing"
    FINDING_REASON_MISSING = "finding_reason_missing"
    GROUND_MISSING = "ground_missing"
    GROUND_TEXT_MISSING = "ground_text_missing"
    DECISION_MISSING = "decision_missing"
    REFUSAL_REASON_MISSING = "refusal_reason_missing"
    RECOMMENDATION_MISSING = "recommendation_missing"
    OVERRIDE_REASON_MISSING = "override_reason_missing"
    VOTES_INCOMPLETE = "votes_incomplete"
    VOTES_CONTRADICT = "votes_contradict"
    VOTES_TOO_MANY = "votes_too_many"
    VOTES_TOO_FEW = "votes_too_few"
    VOTES_TIED = "votes_tied"
    BALLOT_OPEN = "ballot_open"
    BALLOT_VOID = "ballot_void"
    PRESIDENCY_MISSING = "presidency_missing"
    PRESIDENCY_CONTRADICTS = "presidency_contradicts"
    DAY_MISSING = "day_missing"
    DAY_OUTSIDE = "day_outside"
    TO_CONFIRM = "to_confirm"


@dataclass(frozen=True, slots=True)
class ClosingError:
    """One thing to settle before closing: its code, where it is, and the facts its sentence quotes."""

    code: ClosingErrorCode
    facts: Mapping[str, Fact]
    block: UUID | None = None
    competency: UUID | None = None


def finding_errors(block: BlockValue, competency: CompetencyValue, finding: FindingRecord | None) -> list[ClosingError]:
    """Say what one finding still needs: a value; a reason when it is not "acquired"; a ground without a claim (R5)."""
    if finding is None:
        return [_about(ClosingErrorCode.FINDING_MISSING, block, competency)]
    if finding.value is not FindingValue.ACQUIRED:
        needs_reason = not finding.reason.strip()
        return [_about(ClosingErrorCode.FINDING_REASON_MISSING, block, competency)] if needs_reason else []
    if competency.claimed:
        return []
    if finding.ground is None:
        return [_about(ClosingErrorCode.GROUND_MISSING, block, competency)]
    if finding.ground is Demonstration.OTHER and not finding.ground_text.strip():
        return [_about(ClosingErrorCode.GROUND_TEXT_MISSING, block, competency)]
    return []


def decision_errors(
    block: BlockValue, answer: ConsistencyAnswer, decision: DecisionRecord | None
) -> list[ClosingError]:
    """Say what the decision on one block still needs: an outcome; a reason to refuse and what comes next; a
    reason to depart.

    Departing means validating what the findings do not make, or refusing what they make: both are open to
    the jury, neither in silence (R4).
    """
    if decision is None:
        return [_about(ClosingErrorCode.DECISION_MISSING, block)]
    faults = []
    if decision.outcome is Outcome.NOT_VALIDATED and not decision.reason.strip():
        faults.append(_about(ClosingErrorCode.REFUSAL_REASON_MISSING, block))
    if decision.outcome is Outcome.NOT_VALIDATED and not decision.has_recommendation_or_reason:
        faults.append(_about(ClosingErrorCode.RECOMMENDATION_MISSING, block))
    if overrides_findings(answer, decision) and not decision.override_reason.strip():
        expected = str(answer.expected)
        faults.append(
            _about(ClosingErrorCode.OVERRIDE_REASON_MISSING, block, expected=expected, short=", ".join(answer.short))
        )
    return faults


def count_errors(
    block: BlockValue, decision: DecisionRecord | None, *, voters: int, casting_vote: bool, presides: bool = True
) -> list[ClosingError]:
    """Return the errors of votes counted by hand: both numbers, how the presidency voted, no more and no fewer than
    those who can vote, and the one outcome that they make (J11). A ballot counts its own. `presides`: one of these is
    the presidency.
    """
    if decision is None or not decision.votes.counted:
        return []
    votes = decision.votes
    if not votes.complete or not (votes.total or votes.abstained):
        return [_about(ClosingErrorCode.VOTES_INCOMPLETE, block)]
    return [
        *_presidency_errors(block, votes, voters),
        *_outcome_errors(block, decision, casting_vote=casting_vote),
        *_number_errors(block, votes, voters - (presides and votes.presidency is PresidencyVote.ABSENT)),
    ]


def _presidency_errors(block: BlockValue, votes: Votes, voters: int) -> list[ClosingError]:
    if votes.presidency is None:
        return [_about(ClosingErrorCode.PRESIDENCY_MISSING, block)]
    # Abstentions that are not typed are those of who is in no count.
    has_abstained = votes.presidency is PresidencyVote.ABSTAINED and votes.abstained is None
    if votes.belies_presidency or (has_abstained and votes.total >= voters):
        return [_about(ClosingErrorCode.PRESIDENCY_CONTRADICTS, block, presidency=str(votes.presidency))]
    return []


def _outcome_errors(block: BlockValue, decision: DecisionRecord, *, casting_vote: bool) -> list[ClosingError]:
    votes, expected = decision.votes, decision.votes.outcome(casting_vote=casting_vote)
    if expected is None or expected is decision.outcome:
        return []
    in_favour, against, outcome = votes.in_favour or 0, votes.against or 0, str(decision.outcome)
    if votes.tied and in_favour:
        voice = str(votes.presidency) if votes.presidency and casting_vote else ""
        return [_about(ClosingErrorCode.VOTES_TIED, block, in_favour=in_favour, outcome=outcome, presidency=voice)]
    code = ClosingErrorCode.VOTES_CONTRADICT
    return [_about(code, block, in_favour=in_favour, against=against, outcome=outcome)]


def _number_errors(block: BlockValue, votes: Votes, voters: int) -> list[ClosingError]:
    total = votes.total + (votes.abstained or 0)
    if total > voters:
        return [_about(ClosingErrorCode.VOTES_TOO_MANY, block, total=total, voters=voters)]
    if votes.abstained is not None and total < voters:
        return [_about(ClosingErrorCode.VOTES_TOO_FEW, block, total=total, voters=voters)]
    return []


def overrides_findings(answer: ConsistencyAnswer, decision: DecisionRecord) -> bool:
    """Say whether a decision is not the one that the findings make (R4)."""
    return answer.expected is not None and decision.outcome is not answer.expected


def block_errors(
    block: BlockValue, findings: Findings, decision: DecisionRecord | None, deciding: DecidingValue
) -> list[ClosingError]:
    """Say everything that one block still needs: its findings in order, then its decision."""
    faults = [
        fault
        for competency in block.competencies
        for fault in finding_errors(block, competency, findings.get(competency.id))
    ]
    return faults + decision_errors(block, expected_outcome(block, findings, deciding), decision)


def _about(
    code: ClosingErrorCode, block: BlockValue, competency: CompetencyValue | None = None, **facts: str | int
) -> ClosingError:
    place = {"block": block.number} | ({"competency": competency.label} if competency else {})
    return ClosingError(code, {**place, **facts}, block.id, competency.id if competency else None)
