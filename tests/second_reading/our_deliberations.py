"""Ballots, drafts and hearings as the product's rules of closing read them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from uuid import UUID

from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.jury.rules.closing import HearingValue, Suspension
from portfolio.domain.jury.rules.composition import PredicateAnswer
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    CompetencyValue,
    DecidingValue,
    DecisionRecord,
    FindingRecord,
    Votes,
)
from portfolio.domain.jury.rules.enums import Attendance, Demonstration, FindingValue, Outcome, PresidencyVote
from portfolio.domain.jury.rules.opinions import (
    BallotResult,
    BallotState,
    VoteChoice,
    is_complete,
    outcome_of,
    tally,
    tie_break_of,
)
from portfolio.domain.jury.rules.sitting import DecisionDay, SittingEnding, goes_on
from tests.second_reading import facts as f
from tests.second_reading.course import course_of
from tests.second_reading.our_juries import uuid_of

Answers = tuple[PredicateAnswer, ...]


def ballot_of(ballot: f.Ballot, jury: f.Jury) -> tuple[object, ...]:
    """Return the outcome of a ballot, its counts, what settled a tie, and whether everyone voted."""
    result = result_of(ballot, jury)
    votes = {uuid_of(person): VoteChoice(choice) for person, choice in ballot.votes}
    counts = (result.votes.in_favour, result.votes.against, result.votes.abstained)
    settled = str(result.tie_break) if result.tie_break is not None else None
    return str(result.outcome), counts, settled, is_complete(votes, able_of(jury))


def able_of(jury: f.Jury) -> frozenset[UUID]:
    """Return the members who can vote."""
    return frozenset(uuid_of(member.person) for member in jury.members if member.present and member.free is not False)


def result_of(ballot: f.Ballot, jury: f.Jury) -> BallotResult:
    """Return what a ballot gives among the members who can vote."""
    able = able_of(jury)
    presidents = {uuid_of(member.person) for member in jury.members if member.seat == f.PRESIDENT}
    president = next(iter(presidents)) if len(presidents) == 1 else None
    votes = {uuid_of(person): VoteChoice(choice) for person, choice in ballot.votes}
    # Without a word of the rule, the presidency has a casting vote.
    rule = {} if jury.rule.casting_vote else {"casting_vote": False}
    outcome = outcome_of(votes, able, president, **rule)
    return BallotResult(tally(votes, able), outcome, tie_break_of(votes, able, president, **rule))


@dataclass
class Rows:
    """Rows that a hearing has of the sitting under way: the blocks presented and who was heard, findings, decisions, last
    ballots, the days of those that are closed, and who drafted what.
    """

    blocks: tuple[BlockValue, ...]
    attendance: Attendance
    findings: dict[UUID, FindingRecord] = field(default_factory=dict)
    decisions: dict[UUID, DecisionRecord] = field(default_factory=dict)
    ballots: dict[UUID, BallotState] = field(default_factory=dict)
    voted_on: list[date] = field(default_factory=list)
    writers: dict[UUID, frozenset[UUID]] = field(default_factory=dict)

    def make(self, sitting: f.Sitting) -> None:
        """Add what a sitting makes."""
        for told in sitting.deliberations:
            for rank, finding in enumerate(told.findings):
                if finding.value is not None:
                    self.findings[competency(told.block, rank)] = finding_of(finding)
                    self.writers[competency(told.block, rank)] = able_of(sitting.jury)
            for rank, act in enumerate(told.acts):
                self._act(uuid_of(told.block), rank, act, sitting.jury)

    def _act(self, block: UUID, rank: int, act: f.Draft | f.Ballot, jury: f.Jury) -> None:
        if isinstance(act, f.Draft):
            self.decisions[block] = decision_of(act)
            self.writers[block] = able_of(jury)
            return
        result = result_of(act, jury) if act.closed else None
        voted = frozenset(uuid_of(person) for person, _ in act.votes)
        stands = act.closed and act.same_voters
        self.ballots[block] = BallotState(block, block, rank, voted, result, not act.closed, stands)
        if act.closed:
            self.voted_on.append(act.on or jury.on)

    def take_over(self) -> None:
        """Keep what other members drafted, without their votes."""
        self.ballots, self.voted_on = {}, []
        self.decisions = {block: replace(record, votes=Votes()) for block, record in self.decisions.items()}

    def to_confirm(self, jury: f.Jury) -> frozenset[UUID]:
        """Return what was drafted by others than those who deliberate now."""
        now = able_of(jury)
        return frozenset(drafted for drafted, writers in self.writers.items() if writers != now)


def rows_of(hearing: f.Hearing) -> Rows:
    """Return what a hearing has at the end of its last sitting: nothing of those before, but after a suspension.

    The use case that notes a presence refuses some of them, and hands the rules the last that it accepts: that of the
    second reading here; `tests/second_reading/test_stored.py` plays the refusals.
    """
    course = course_of(hearing)
    presented = blocks_of(course.deliberations, hearing.scope), Attendance(course.attendance)
    rows = Rows(*presented)
    for number, sitting in enumerate(hearing.sittings):
        if number:
            before = hearing.sittings[number - 1]
            if before.ending != SittingEnding.SUSPENDED:
                rows = Rows(*presented)
            elif not goes_on(able_of(before.jury), able_of(sitting.jury)):
                rows.take_over()
        rows.make(sitting)
    return rows


def finding_of(finding: f.Finding) -> FindingRecord:
    """Return a finding as the rules read one."""
    ground = Demonstration(finding.ground) if finding.ground else None
    return FindingRecord(FindingValue(finding.value), finding.reason, ground, finding.ground_text)


def decision_of(draft: f.Draft) -> DecisionRecord:
    """Return a draft as the rules read one."""
    voice = PresidencyVote(draft.voice) if draft.voice is not None else None
    votes = Votes(*draft.counted, presidency=voice)
    return DecisionRecord(Outcome(draft.outcome), draft.reason, draft.override, draft.recommendation, votes)


def competency(block: int, rank: int) -> UUID:
    """Return the identity of a competency."""
    return uuid_of(10_000 + block * 10 + rank)


def blocks_of(deliberations: Iterable[f.Deliberation], scope: frozenset[int]) -> tuple[BlockValue, ...]:
    """Return the blocks that a hearing presents; a competency is claimed or not by the sealed dossier."""
    return tuple(
        BlockValue(
            uuid_of(told.block),
            told.block % 10,
            tuple(
                CompetencyValue(competency(told.block, rank), f"{told.block}.{rank}", finding.claimed)
                for rank, finding in enumerate(told.findings)
            ),
        )
        for told in deliberations
        if told.block in scope
    )


def day_of(hearing: f.Hearing, rows: Rows, today: date) -> DecisionDay:
    """Return the days between which the decision of a hearing lies."""
    last = [rows.ballots.get(block.id) for block in rows.blocks]
    is_balloted = bool(last) and all(ballot is not None and ballot.stands for ballot in last)
    sat_on = hearing.last.jury.on
    day = DecisionDay(sat_on, sat_on, tuple(rows.voted_on), is_balloted, hearing.stated_on)
    return replace(day, today=max(today, day.earliest))


def hearing_of(hearing: f.Hearing, version: f.Version, answers: Answers, rows: Rows, day: DecisionDay) -> HearingValue:
    """Return a hearing as the rules of closing read one."""
    last, jury = hearing.last, hearing.last.jury
    sitting = [member for member in jury.members if jury.rule.quorum is None or member.present]
    here = {member.person for member in sitting if member.present} or {member.person for member in sitting}
    presiding = [member for member in sitting if member.seat == f.PRESIDENT]
    suspended = last.ending == SittingEnding.SUSPENDED
    return HearingValue(
        jury.on,
        rows.blocks,
        DecidingValue(DecisionRule(version.rule), version.threshold),
        rows.findings,
        rows.decisions,
        answers,
        len(here),
        len(presiding) == 1 and presiding[0].present and presiding[0].free is not False,
        rows.attendance,
        jury.rule.casting_vote,
        rows.ballots,
        Suspension(datetime.combine(jury.on, time(10)), last.resumes_on) if suspended else None,
        day,
        rows.to_confirm(jury),
    )
