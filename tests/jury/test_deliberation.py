"""Check what findings make of a block (R4), what they must say (R5), and what prevents closing."""

from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.rules.jury_rule import DecisionRule
from portfolio.domain.jury.rules.closing import HearingValue, closing_errors
from portfolio.domain.jury.rules.composition import PredicateAnswer, PredicateId, Source, SourceKind
from portfolio.domain.jury.rules.deliberation import (
    BlockValue,
    ClosingErrorCode,
    CompetencyValue,
    DecidingValue,
    DecisionRecord,
    FindingRecord,
    Votes,
    block_errors,
    expected_outcome,
)
from portfolio.domain.jury.rules.enums import Demonstration, FindingValue, Outcome

DAY = date(2020, 6, 18)
ACQUIRED = FindingRecord(FindingValue.ACQUIRED)
SHORT = FindingRecord(FindingValue.PARTIALLY, "La veille reste en français.")
REFUSED = FindingRecord(FindingValue.NOT_ACQUIRED, "Aucun budget n’est montré.")
ONE, TWO, THREE = (CompetencyValue(UUID(int=n), f"2.{n}", True) for n in (1, 2, 3))
BLOCK = BlockValue(UUID(int=20), 2, (ONE, TWO, THREE))
VALIDATED = DecisionRecord(Outcome.VALIDATED)
NOT_VALIDATED = DecisionRecord(Outcome.NOT_VALIDATED, "Il manque 2.3.", "", "Présentez un audit réel.")
EVERY = DecidingValue()
ALL = {ONE.id: ACQUIRED, TWO.id: ACQUIRED, THREE.id: ACQUIRED}


def codes(faults) -> list[ClosingErrorCode]:
    return [fault.code for fault in faults]


def test_a_block_is_made_by_every_competency():
    assert expected_outcome(BLOCK, ALL, EVERY).expected is Outcome.VALIDATED


@pytest.mark.parametrize("finding", [SHORT, REFUSED])
def test_two_of_three_do_not_make_a_block(finding: FindingRecord):
    answer = expected_outcome(BLOCK, {**ALL, TWO.id: finding}, EVERY)

    assert answer.expected is Outcome.NOT_VALIDATED
    assert answer.short == ("2.2",)


def test_one_refused_competency_speaks_before_the_others_are_found():
    answer = expected_outcome(BLOCK, {ONE.id: REFUSED}, EVERY)

    assert answer.expected is Outcome.NOT_VALIDATED
    assert answer.missing == ("2.2", "2.3")


def test_nothing_is_expected_while_a_missing_finding_could_turn_it():
    assert expected_outcome(BLOCK, {ONE.id: ACQUIRED}, EVERY).expected is None


@pytest.mark.parametrize(
    ("threshold", "expected"), [(66, Outcome.VALIDATED), (67, Outcome.NOT_VALIDATED), (None, Outcome.NOT_VALIDATED)]
)
def test_a_threshold_asks_for_a_share_of_acquired_competencies(threshold: int | None, expected: Outcome):
    deciding = DecidingValue(DecisionRule.THRESHOLD, threshold)

    assert expected_outcome(BLOCK, {**ALL, THREE.id: SHORT}, deciding).expected is expected


@pytest.mark.parametrize(("threshold", "expected"), [(83, Outcome.VALIDATED), (84, Outcome.NOT_VALIDATED)])
def test_a_mean_counts_a_partial_finding_for_half(threshold: int, expected: Outcome):
    deciding = DecidingValue(DecisionRule.MEAN, threshold)

    assert expected_outcome(BLOCK, {**ALL, THREE.id: SHORT}, deciding).expected is expected


def test_a_threshold_speaks_as_soon_as_it_is_reached():
    deciding = DecidingValue(DecisionRule.THRESHOLD, 66)

    assert expected_outcome(BLOCK, {ONE.id: ACQUIRED, TWO.id: ACQUIRED}, deciding).expected is Outcome.VALIDATED


def test_a_complete_block_prevents_nothing():
    assert block_errors(BLOCK, ALL, VALIDATED, EVERY) == []
    assert block_errors(BLOCK, {**ALL, THREE.id: REFUSED}, NOT_VALIDATED, EVERY) == []


def test_each_competency_needs_its_finding_and_each_block_its_decision():
    faults = block_errors(BLOCK, {ONE.id: ACQUIRED}, None, EVERY)

    assert codes(faults) == [
        ClosingErrorCode.FINDING_MISSING,
        ClosingErrorCode.FINDING_MISSING,
        ClosingErrorCode.DECISION_MISSING,
    ]
    assert [fault.competency for fault in faults] == [TWO.id, THREE.id, None]


@pytest.mark.parametrize("blank", ["", "   ", "\n"])
def test_a_mute_refusal_is_refused(blank: str):
    findings = {**ALL, THREE.id: replace(REFUSED, reason=blank)}
    faults = block_errors(BLOCK, findings, replace(NOT_VALIDATED, reason=blank), EVERY)

    assert codes(faults) == [ClosingErrorCode.FINDING_REASON_MISSING, ClosingErrorCode.REFUSAL_REASON_MISSING]


@pytest.mark.parametrize("blank", ["", "  ", "\n"])
def test_a_refusal_says_what_is_expected_next_or_why_nothing_is(blank):
    findings = {**ALL, THREE.id: REFUSED}
    mute = replace(NOT_VALIDATED, recommendation=blank, no_recommendation=blank)
    (fault,) = block_errors(BLOCK, findings, mute, EVERY)
    assert (fault.code, fault.block) == (ClosingErrorCode.RECOMMENDATION_MISSING, BLOCK.id)
    assert block_errors(BLOCK, findings, replace(mute, no_recommendation="À reprendre en entier."), EVERY) == []
    assert block_errors(BLOCK, ALL, DecisionRecord(Outcome.VALIDATED), EVERY) == []


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_each_member_present_is_counted_once_whoever_wins(one, other, silent):
    voters = one + other + silent
    votes = Votes(one, other)
    assert votes.total + votes.abstentions(voters) == voters
    assert votes.tied is (one == other)


def test_validating_what_the_findings_do_not_make_needs_a_reason_in_the_minutes():
    findings = {**ALL, THREE.id: SHORT}

    assert codes(block_errors(BLOCK, findings, VALIDATED, EVERY)) == [ClosingErrorCode.OVERRIDE_REASON_MISSING]
    assert block_errors(BLOCK, findings, replace(VALIDATED, override_reason="L’entretien l’a montrée."), EVERY) == []


def test_refusing_what_the_findings_make_needs_one_too():
    assert codes(block_errors(BLOCK, ALL, NOT_VALIDATED, EVERY)) == [ClosingErrorCode.OVERRIDE_REASON_MISSING]


def test_a_competency_acquired_without_any_claim_needs_a_recorded_ground():
    block = replace(BLOCK, competencies=(ONE, TWO, replace(THREE, claimed=False)))

    assert codes(block_errors(block, ALL, VALIDATED, EVERY)) == [ClosingErrorCode.GROUND_MISSING]
    seen = replace(ACQUIRED, ground=Demonstration.INTERVIEW)
    assert block_errors(block, {**ALL, THREE.id: seen}, VALIDATED, EVERY) == []


def test_another_ground_says_which():
    block = replace(BLOCK, competencies=(ONE, TWO, replace(THREE, claimed=False)))
    other = replace(ACQUIRED, ground=Demonstration.OTHER)

    assert codes(block_errors(block, {**ALL, THREE.id: other}, VALIDATED, EVERY)) == [
        ClosingErrorCode.GROUND_TEXT_MISSING
    ]
    told = replace(other, ground_text="Vu en entreprise le 3 juin.")
    assert block_errors(block, {**ALL, THREE.id: told}, VALIDATED, EVERY) == []


def test_evidence_never_decides_a_competency_without_a_claim_may_be_refused_or_acquired():
    unclaimed = replace(
        BLOCK, competencies=tuple(replace(competency, claimed=False) for competency in BLOCK.competencies)
    )
    findings = {competency.id: REFUSED for competency in unclaimed.competencies}

    assert block_errors(unclaimed, findings, NOT_VALIDATED, EVERY) == []


def hearing(**changes) -> HearingValue:
    value = HearingValue(DAY, (BLOCK,), EVERY, ALL, {BLOCK.id: VALIDATED}, ())
    return replace(value, **changes)


def test_a_complete_hearing_can_be_closed_on_its_day_and_after():
    assert closing_errors(hearing(), DAY) == ()
    assert closing_errors(hearing(), date(2020, 7, 1)) == ()


def test_nothing_is_closed_before_the_day_of_the_session():
    assert codes(closing_errors(hearing(), date(2020, 6, 17))) == [ClosingErrorCode.BEFORE_SESSION_DAY]


def test_a_false_blocking_predicate_prevents_closing_a_warning_does_not():
    wrong = PredicateAnswer(PredicateId.J5, False, True, Source(SourceKind.ENTRY), {})
    faults = closing_errors(hearing(answers=(wrong, replace(wrong, id=PredicateId.J7, blocking=False))), DAY)

    assert [(fault.code, fault.facts) for fault in faults] == [(ClosingErrorCode.IRREGULAR, {"predicate": "J5"})]


def test_the_fault_of_ties_without_answer_names_the_members():
    wrong = PredicateAnswer(PredicateId.J7, False, True, Source(SourceKind.ENTRY), {"unanswered": ("Luc Roux",)})
    (fault,) = closing_errors(hearing(answers=(wrong,)), DAY)

    assert fault.facts == {"predicate": "J7", "unanswered": ("Luc Roux",)}


records = st.builds(FindingRecord, st.sampled_from(FindingValue), st.sampled_from(["", "raison"]))
deciding_given = st.builds(DecidingValue, st.sampled_from(DecisionRule), st.none() | st.integers(1, 100))
RANK = {FindingValue.NOT_ACQUIRED: 0, FindingValue.PARTIALLY: 1, FindingValue.ACQUIRED: 2}


@given(st.dictionaries(st.sampled_from([ONE.id, TWO.id, THREE.id]), records), deciding_given, st.data())
def test_a_better_finding_never_unmakes_a_block(findings, deciding, data):
    before = expected_outcome(BLOCK, findings, deciding).expected
    better = {
        key: replace(one, value=data.draw(st.sampled_from([v for v in FindingValue if RANK[v] >= RANK[one.value]])))
        for key, one in findings.items()
    }

    if before is Outcome.VALIDATED:
        assert expected_outcome(BLOCK, better, deciding).expected is Outcome.VALIDATED


@given(st.dictionaries(st.sampled_from([ONE.id, TWO.id, THREE.id]), records), records, deciding_given)
def test_what_is_already_certain_no_later_finding_changes(findings, later, deciding):
    before = expected_outcome(BLOCK, findings, deciding).expected
    for competency in BLOCK.competencies:
        if competency.id not in findings and before is not None:
            assert expected_outcome(BLOCK, {**findings, competency.id: later}, deciding).expected is before
