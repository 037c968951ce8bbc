"""Check what each thing to settle before closing names: the block, the competency, the votes, what the findings
expect (R3-R5, J11).
"""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from uuid import UUID

import pytest

from portfolio.calendar import day_of
from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.jury.rules.closing import HearingValue, closing_errors
from portfolio.domain.jury.rules.composition import PredicateAnswer, PredicateId, Source, SourceKind
from portfolio.domain.jury.rules.conditions import answer_from_record, record_of
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    ClosingError,
    ClosingErrorCode,
    CompetencyValue,
    DecidingValue,
    DecisionRecord,
    FindingRecord,
    Votes,
    block_errors,
    count_errors,
    expected_outcome,
)
from portfolio.domain.jury.rules.enums import Attendance, Demonstration, FindingValue, Outcome, PresidencyVote
from portfolio.domain.jury.rules.opinions import (
    BallotResult,
    BallotState,
    TieBreak,
    VoteChoice,
    decision_after,
    is_superseded,
    outcome_of,
    tally,
    tie_break_of,
)

DAY = date(2026, 6, 18)
ONE, TWO = (CompetencyValue(UUID(int=n), f"2.{n}", claimed=n == 1) for n in (1, 2))
BLOCK = BlockValue(UUID(int=20), 2, (ONE, TWO))
ACQUIRED = FindingRecord(FindingValue.ACQUIRED)
SHOWN = FindingRecord(FindingValue.ACQUIRED, ground=Demonstration.INTERVIEW)
REFUSED = FindingRecord(FindingValue.NOT_ACQUIRED, "Aucun budget.")
FOUND = {ONE.id: ACQUIRED, TWO.id: SHOWN}
VALIDATED = DecisionRecord(Outcome.VALIDATED)
EVERY = DecidingValue()
FOR, AGAINST, ABSTAIN = VoteChoice
PEOPLE = [UUID(int=number) for number in range(1, 6)]


def about(code: ClosingErrorCode, competency: CompetencyValue | None = None, **facts: object) -> ClosingError:
    place = {"block": 2} | ({"competency": competency.label} if competency else {})
    return ClosingError(code, place | facts, BLOCK.id, competency.id if competency else None)


def voted(
    in_favour: int | None = None,
    against: int | None = None,
    abstained: int | None = None,
    *,
    presidency: PresidencyVote | None = None,
    outcome: Outcome = Outcome.VALIDATED,
) -> DecisionRecord:
    return DecisionRecord(outcome, votes=Votes(in_favour, against, abstained, presidency))


@pytest.mark.parametrize(
    ("finding", "code"),
    [
        (None, ClosingErrorCode.FINDING_MISSING),
        (FindingRecord(FindingValue.NOT_ACQUIRED, " "), ClosingErrorCode.FINDING_REASON_MISSING),
        (ACQUIRED, ClosingErrorCode.GROUND_MISSING),
        (FindingRecord(FindingValue.ACQUIRED, "", Demonstration.OTHER, " "), ClosingErrorCode.GROUND_TEXT_MISSING),
    ],
)
def test_what_a_finding_lacks_names_its_competency(finding, code):
    findings = {ONE.id: ACQUIRED} | ({TWO.id: finding} if finding else {})
    assert block_errors(BLOCK, findings, VALIDATED, EVERY)[0] == about(code, TWO)


def test_a_decision_that_departs_from_the_findings_names_what_they_expect():
    findings = {ONE.id: REFUSED, TWO.id: REFUSED}
    wanted = about(ClosingErrorCode.OVERRIDE_REASON_MISSING, expected="not_validated", short="2.1, 2.2")
    assert block_errors(BLOCK, findings, VALIDATED, EVERY) == [wanted]


def test_what_the_findings_make_tells_what_is_acquired_what_is_short_and_what_is_missing():
    answer = expected_outcome(BLOCK, {ONE.id: ACQUIRED, TWO.id: REFUSED}, EVERY)
    assert (answer.acquired, answer.short, answer.missing) == (("2.1",), ("2.2",), ())
    assert expected_outcome(BLOCK, {ONE.id: ACQUIRED}, EVERY).missing == ("2.2",)


@pytest.mark.parametrize("rule", [DecisionRule.THRESHOLD, DecisionRule.MEAN])
@pytest.mark.parametrize(("threshold", "made"), [(50, True), (51, False)])
def test_a_share_that_is_reached_exactly_makes_the_block(rule, threshold, made):
    answer = expected_outcome(BLOCK, {ONE.id: ACQUIRED, TWO.id: REFUSED}, DecidingValue(rule, threshold))
    assert answer.expected is (Outcome.VALIDATED if made else Outcome.NOT_VALIDATED)
    assert answer.deciding.share == Fraction(threshold, 100)


def test_a_block_without_competencies_is_never_made():
    assert expected_outcome(replace(BLOCK, competencies=()), {}, EVERY).expected is Outcome.NOT_VALIDATED


REFUSES = Outcome.NOT_VALIDATED


def counted(decision: DecisionRecord | None, *, casting_vote: bool = True, voters: int = 5) -> list[ClosingError]:
    return count_errors(BLOCK, decision, voters=voters, casting_vote=casting_vote)


@pytest.mark.parametrize(
    ("decision", "faults"),
    [
        (None, []),
        (voted(), []),
        (voted(3, 2, presidency=PresidencyVote.FOR), []),
        (voted(3, 2, presidency=PresidencyVote.AGAINST), []),
        (voted(2, 3, presidency=PresidencyVote.FOR, outcome=REFUSES), []),
        (voted(3, None), [about(ClosingErrorCode.VOTES_INCOMPLETE)]),
        (voted(None, 3), [about(ClosingErrorCode.VOTES_INCOMPLETE)]),
        (voted(None, None, 5), [about(ClosingErrorCode.VOTES_INCOMPLETE)]),
        (voted(0, 0), [about(ClosingErrorCode.VOTES_INCOMPLETE)]),
        (voted(0, 0, 5, presidency=PresidencyVote.ABSTAINED, outcome=REFUSES), []),
        (voted(3, 2), [about(ClosingErrorCode.PRESIDENCY_MISSING)]),
        (
            voted(5, 0, presidency=PresidencyVote.AGAINST),
            [about(ClosingErrorCode.PRESIDENCY_CONTRADICTS, presidency="against")],
        ),
        (
            voted(2, 3, presidency=PresidencyVote.AGAINST),
            [about(ClosingErrorCode.VOTES_CONTRADICT, in_favour=2, against=3, outcome="validated")],
        ),
        (
            voted(5, 0, presidency=PresidencyVote.FOR, outcome=REFUSES),
            [about(ClosingErrorCode.VOTES_CONTRADICT, in_favour=5, against=0, outcome="not_validated")],
        ),
    ],
)
def test_a_count_of_votes_is_whole_and_agrees_with_the_outcome(decision, faults):
    assert counted(decision) == faults


@pytest.mark.parametrize(
    ("presidency", "made"),
    [
        (PresidencyVote.FOR, Outcome.VALIDATED),
        (PresidencyVote.AGAINST, REFUSES),
        (PresidencyVote.ABSTAINED, REFUSES),
        (PresidencyVote.ABSENT, REFUSES),
    ],
)
def test_the_same_counts_never_give_two_outcomes(presidency, made):
    # Of five, a presidency that does not vote makes four.
    tied = voted(2, 2, 0 if presidency is PresidencyVote.ABSENT else 1, presidency=presidency)
    for outcome in Outcome:
        (fault,) = counted(replace(tied, outcome=outcome)) or [None]
        assert (fault is None) is (outcome is made)
        if fault is not None:
            assert (fault.code, fault.facts["presidency"]) == (ClosingErrorCode.VOTES_TIED, presidency)


@pytest.mark.parametrize(
    ("presidency", "counts"),
    [
        (PresidencyVote.ABSENT, (1, 3, 1)),
        (PresidencyVote.ABSENT, (2, 3, None)),
        (PresidencyVote.ABSTAINED, (2, 3, None)),
    ],
)
def test_a_presidency_that_did_not_vote_is_in_no_count(presidency, counts):
    assert counted(voted(*counts, presidency=presidency, outcome=REFUSES)) != []


@pytest.mark.parametrize("presidency", [PresidencyVote.FOR, PresidencyVote.AGAINST, PresidencyVote.ABSTAINED])
def test_without_a_casting_vote_a_tie_validates_nothing(presidency):
    tied = voted(2, 2, 1, presidency=presidency)
    assert [fault.code for fault in counted(tied, casting_vote=False)] == [ClosingErrorCode.VOTES_TIED]
    assert counted(replace(tied, outcome=REFUSES), casting_vote=False) == []


@pytest.mark.parametrize(
    ("decision", "faults"),
    [
        (voted(2, 1, presidency=PresidencyVote.FOR), []),
        (voted(2, 1, 2, presidency=PresidencyVote.FOR), []),
        (voted(4, 2, presidency=PresidencyVote.FOR), [about(ClosingErrorCode.VOTES_TOO_MANY, total=6, voters=5)]),
        (voted(3, 2, 1, presidency=PresidencyVote.FOR), [about(ClosingErrorCode.VOTES_TOO_MANY, total=6, voters=5)]),
        (voted(2, 1, 1, presidency=PresidencyVote.FOR), [about(ClosingErrorCode.VOTES_TOO_FEW, total=4, voters=5)]),
    ],
)
def test_votes_and_abstentions_are_those_of_the_members_who_can_vote(decision, faults):
    assert counted(decision) == faults


def test_abstentions_are_those_noted_or_else_the_members_in_neither_count():
    assert Votes(2, 1).abstentions(5) == 2
    assert Votes(2, 1, 1).abstentions(5) == 1
    assert Votes(4, 2).abstentions(5) == 0
    assert Votes().abstentions(5) is None


def hearing(**more: object) -> HearingValue:
    facts = {
        "held_on": DAY,
        "blocks": (BLOCK,),
        "deciding": EVERY,
        "findings": FOUND,
        "decisions": {BLOCK.id: voted(3, 2, presidency=PresidencyVote.FOR)},
    }
    return HearingValue(**(facts | {"answers": (), "voters": 5} | more))


def test_a_closing_asks_for_the_day_the_count_and_the_tie_of_each_block():
    assert closing_errors(hearing(), DAY) == ()
    early = ClosingError(ClosingErrorCode.BEFORE_SESSION_DAY, {"day": "2026-06-18"})
    assert closing_errors(hearing(), DAY - timedelta(days=1)) == (early,)
    assert closing_errors(hearing(attendance=Attendance.ABSENT, decisions={}), DAY - timedelta(days=1)) == (early,)
    assert closing_errors(hearing(attendance=Attendance.EXCUSED, decisions={}), DAY) == ()
    many = about(ClosingErrorCode.VOTES_TOO_MANY, total=5, voters=4)
    assert closing_errors(hearing(voters=4), DAY) == (many,)
    absent = {"decisions": {BLOCK.id: voted(3, 2, presidency=PresidencyVote.ABSENT)}}
    assert closing_errors(hearing(**absent), DAY) == (about(ClosingErrorCode.VOTES_TOO_MANY, total=5, voters=4),)
    assert closing_errors(hearing(presides=False, **absent), DAY) == (), "nobody presides among these five"
    tied = {"decisions": {BLOCK.id: voted(2, 2, presidency=PresidencyVote.FOR)}}
    assert closing_errors(hearing(**tied), DAY) == ()
    assert closing_errors(hearing(casting_vote=False, **tied), DAY) == (
        about(ClosingErrorCode.VOTES_TIED, in_favour=2, outcome="validated", presidency=""),
    )


REFUSED_BY_VOTE = BallotResult(Votes(1, 4, 0), Outcome.NOT_VALIDATED)
VALIDATED_BY_VOTE = BallotResult(Votes(4, 1, 0), Outcome.VALIDATED)
REASONED = DecisionRecord(Outcome.NOT_VALIDATED, "Aucun budget.", "", "Montrez un budget.")


def last_ballot(result: BallotResult | None, *, is_open: bool = False, stands: bool = True) -> BallotState:
    return BallotState(UUID(int=30), BLOCK.id, 1, frozenset(PEOPLE), result, is_open=is_open, stands=stands)


def test_the_last_ballot_decides_whatever_was_noted_before_it():
    after = decision_after(last_ballot(REFUSED_BY_VOTE), VALIDATED)
    assert after == DecisionRecord(Outcome.NOT_VALIDATED, votes=REFUSED_BY_VOTE.votes)
    assert is_superseded(last_ballot(REFUSED_BY_VOTE), VALIDATED)
    assert decision_after(last_ballot(REFUSED_BY_VOTE), REASONED) == replace(REASONED, votes=REFUSED_BY_VOTE.votes)
    assert not is_superseded(last_ballot(REFUSED_BY_VOTE), REASONED)
    assert decision_after(last_ballot(VALIDATED_BY_VOTE), None) == DecisionRecord(
        Outcome.VALIDATED, votes=VALIDATED_BY_VOTE.votes
    )
    assert decision_after(last_ballot(VALIDATED_BY_VOTE), REASONED).reason == ""


@pytest.mark.parametrize(
    ("ballot", "code"),
    [
        (last_ballot(None, is_open=True, stands=False), ClosingErrorCode.BALLOT_OPEN),
        (last_ballot(VALIDATED_BY_VOTE, stands=False), ClosingErrorCode.BALLOT_VOID),
        (last_ballot(None, stands=False), ClosingErrorCode.BALLOT_VOID),
    ],
)
def test_a_ballot_that_is_open_or_of_other_members_decides_nothing_on_the_block(ballot, code):
    asked = hearing(decisions={BLOCK.id: VALIDATED}, ballots={BLOCK.id: ballot})
    assert asked.decision_on(BLOCK.id) is None
    assert closing_errors(asked, DAY) == (about(code),)


def test_the_closing_refuses_what_its_last_ballot_contradicts():
    asked = hearing(decisions={BLOCK.id: VALIDATED}, ballots={BLOCK.id: last_ballot(REFUSED_BY_VOTE)})
    assert {fault.code for fault in closing_errors(asked, DAY)} == {
        ClosingErrorCode.REFUSAL_REASON_MISSING,
        ClosingErrorCode.RECOMMENDATION_MISSING,
        ClosingErrorCode.OVERRIDE_REASON_MISSING,
    }
    asked = hearing(decisions={}, ballots={BLOCK.id: last_ballot(VALIDATED_BY_VOTE)})
    assert closing_errors(asked, DAY) == ()


def test_just_after_midnight_in_paris_is_the_day_that_begins():
    assert day_of(datetime(2026, 6, 17, 22, 30, tzinfo=UTC)) == DAY
    assert day_of(datetime(2026, 6, 17, 21, 30, tzinfo=UTC)) == DAY - timedelta(days=1)


def ballot(*choices: VoteChoice) -> dict[UUID, VoteChoice]:
    return dict(zip(PEOPLE, choices, strict=False))


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        (ballot(AGAINST, FOR, FOR), Outcome.VALIDATED),
        (ballot(FOR, AGAINST, AGAINST), Outcome.NOT_VALIDATED),
        (ballot(FOR), Outcome.VALIDATED),
        (ballot(AGAINST), Outcome.NOT_VALIDATED),
        (ballot(FOR, AGAINST), Outcome.VALIDATED),
        (ballot(AGAINST, FOR), Outcome.NOT_VALIDATED),
        (ballot(ABSTAIN, FOR, AGAINST), Outcome.NOT_VALIDATED),
        (ballot(ABSTAIN, ABSTAIN), Outcome.NOT_VALIDATED),
        ({}, Outcome.NOT_VALIDATED),
    ],
)
def test_the_majority_decides_and_the_president_on_a_tie(votes, outcome):
    assert outcome_of(votes, PEOPLE, PEOPLE[0]) is outcome


def test_a_tie_validates_nothing_when_the_president_left_or_abstained_or_has_no_casting_vote():
    tie = ballot(FOR, AGAINST, FOR)
    assert outcome_of(tie, PEOPLE[1:], PEOPLE[0]) is Outcome.NOT_VALIDATED
    assert outcome_of(tie, PEOPLE[1:], None) is Outcome.NOT_VALIDATED
    assert outcome_of(ballot(FOR, AGAINST), PEOPLE, PEOPLE[0], casting_vote=False) is Outcome.NOT_VALIDATED


@pytest.mark.parametrize(
    ("votes", "casting_vote", "settled"),
    [
        (ballot(FOR, FOR, AGAINST), True, None),
        (ballot(FOR, AGAINST), True, TieBreak.PRESIDENT),
        (ballot(ABSTAIN, FOR, AGAINST), True, TieBreak.ABSTENTION),
        ({}, True, TieBreak.ABSTENTION),
        (ballot(FOR, AGAINST), False, TieBreak.NO_CASTING_VOTE),
    ],
)
def test_what_settles_a_tie_is_kept(votes, casting_vote, settled):
    assert tie_break_of(votes, PEOPLE, PEOPLE[0], casting_vote=casting_vote) is settled


def test_a_vote_counts_among_the_members_who_vote_now_and_silence_abstains():
    assert tally(ballot(FOR, AGAINST, FOR), PEOPLE) == Votes(2, 1, 2)
    assert tally(ballot(FOR, AGAINST, FOR), PEOPLE[1:]) == Votes(1, 1, 2)


@pytest.mark.parametrize(
    "source",
    [Source(SourceKind.LAW, "D6412-6", date(2024, 4, 13)), Source(SourceKind.PUBLISHED), Source(SourceKind.CASE)],
)
def test_minutes_give_back_the_answer_that_they_keep(source):
    answer = PredicateAnswer(PredicateId.J7, False, True, source, {"found": 1, "needed": 2})
    record = record_of(answer)
    assert (record["id"], record["holds"], record["blocking"], record["facts"]) == (
        "J7",
        False,
        True,
        {"found": 1, "needed": 2},
    )
    assert record["source"]["kind"] == str(source.kind)
    assert ("binds_from" in record["source"]) is (source.binds_from is not None)
    assert answer_from_record(record) == answer


@pytest.mark.parametrize(
    ("id", "source"),
    [
        (PredicateId.J7, Source(SourceKind.PUBLISHED)),
        (PredicateId.J10, Source(SourceKind.LAW, "D6412-6")),
        (PredicateId.J13, Source(SourceKind.CASE)),
    ],
)
def test_minutes_older_than_sources_have_that_of_the_predicate(id, source):
    old = {"id": str(id), "holds": True, "blocking": True, "facts": {}}
    assert answer_from_record(old) == PredicateAnswer(id, True, True, source, {})
    bare = answer_from_record(old | {"source": {"kind": "law"}})
    assert bare.source == Source(SourceKind.LAW)
