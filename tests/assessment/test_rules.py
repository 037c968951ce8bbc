"""The rules of assessments: what stands, what an entry plans, before which jury a candidate who failed goes."""

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.assessment.rules import (
    AssessmentKind,
    AssessmentOutcome,
    AssessmentRefusal,
    CohortValue,
    DefenceMinutes,
    PlannedValue,
    RecordStep,
    ResultLine,
    RetryRule,
    current_results,
    defence_in,
    is_later_cohort,
    planned_by_entry,
    record_step,
    result_refusal,
    retry_refusal,
)
from portfolio.domain.candidacy.rules.deadlines import Regime, deadlines_for
from portfolio.domain.candidacy.rules.opening import has_livret2, regime_for
from portfolio.domain.candidacy.rules.stage import PathStep
from portfolio.domain.certification.rules.entry import Route
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from tests import factories

DAY = date(2026, 6, 1)
PLANNED = uuid4()
COHORT = CohortValue(uuid4(), "Promotion 2026", date(2025, 9, 1), date(2026, 7, 31))
LATER = CohortValue(uuid4(), "Promotion 2027", date(2026, 9, 1), date(2027, 7, 31))


def line(outcome=AssessmentOutcome.PASSED, replaces=None):
    return ResultLine(uuid4(), PLANNED, DAY, outcome, replaces)


def test_a_corrected_result_no_longer_stands_and_its_correction_does():
    first = line(AssessmentOutcome.FAILED)
    second = line(replaces=first.id)
    assert current_results([first, second]) == (second,)


def test_a_result_recorded_by_mistake_leaves_nothing():
    first = line()
    assert current_results([first, line(AssessmentOutcome.WITHDRAWN, first.id)]) == ()


@given(st.lists(st.sampled_from(list(AssessmentOutcome)), max_size=8), st.data())
def test_of_any_chain_of_corrections_one_line_stands_at_most(outcomes, data):
    lines = []
    for outcome in outcomes:
        replaces = lines[-1].id if lines and data.draw(st.booleans()) else None
        lines.append(line(outcome, replaces))
    standing = current_results(lines)
    assert current_results(reversed(lines)) == tuple(reversed(standing))
    assert all(result_line.outcome is not AssessmentOutcome.WITHDRAWN for result_line in standing)
    assert len(standing) <= sum(one.replaces_id is None for one in lines)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (DAY, None),
        (DAY + timedelta(days=1), AssessmentRefusal.NOT_TODAY),
        (date(2025, 8, 31), AssessmentRefusal.BEFORE_START),
        (date(2025, 9, 1), None),
    ],
)
def test_an_assessment_is_dated_between_the_beginning_of_the_path_and_today(day, expected):
    assert result_refusal(day, today=DAY, started_on=date(2025, 9, 1)) is expected


def test_an_entry_plans_each_practical_case_of_each_block_then_its_deliverables():
    entry = entry_from_json(factories.entry())
    third = replace(entry.blocks[2], assessments=("Cas pratique 1", "Cas pratique 2"))
    entry = replace(entry, blocks=(*entry.blocks[:2], third, entry.blocks[3]), deliverables=("Un plan d’action",))
    planned = planned_by_entry(entry)
    assert [planned_value.block for planned_value in planned] == [1, 2, 3, 3, 4, None]
    assert planned[-1] == PlannedValue(AssessmentKind.DELIVERABLE, "Un plan d’action")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("une soutenance de 30 minutes et 20 minutes d’échange avec le jury", DefenceMinutes(30, 20)),
        ("30 mn de présentation puis 20 min de questions", DefenceMinutes(30, 20)),
        ("une soutenance de 30 minutes", None),
        ("10 minutes, 20 minutes, puis 30 minutes", None),
        (None, None),
    ],
)
def test_a_defence_is_read_where_the_text_gives_two_durations(text, expected):
    assert defence_in(text) == expected


@pytest.mark.parametrize(
    ("rule", "failed_in", "cohort", "expected"),
    [
        (RetryRule.ANY_JURY, COHORT, None, None),
        (RetryRule.NEXT_COHORT, COHORT, LATER, None),
        (RetryRule.NEXT_COHORT, COHORT, COHORT, AssessmentRefusal.SAME_COHORT),
        (RetryRule.NEXT_COHORT, LATER, COHORT, AssessmentRefusal.SAME_COHORT),
        (RetryRule.NEXT_COHORT, COHORT, None, AssessmentRefusal.NO_COHORT),
        (RetryRule.NEXT_COHORT, None, COHORT, None),
    ],
)
def test_whoever_failed_goes_before_the_next_cohorts_jury_where_the_rule_says_so(rule, failed_in, cohort, expected):
    assert retry_refusal(rule, failed_in, cohort) is expected


@given(st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_of_two_cohorts_one_at_most_is_the_later(first, second):
    one = CohortValue(uuid4(), "A", first - timedelta(days=300), first)
    other = CohortValue(uuid4(), "B", second - timedelta(days=300), second)
    assert not (is_later_cohort(one, other) and is_later_cohort(other, one))


@pytest.mark.parametrize("route", [route for route in Route if route is not Route.VAE])
@pytest.mark.parametrize("regime", list(Regime))
def test_no_clock_of_the_vae_runs_by_another_route(route, regime):
    assert not has_livret2(route)
    assert deadlines_for(regime_for(route, regime), DAY) == []


def test_a_clock_runs_by_vae_as_before():
    assert deadlines_for(regime_for(Route.VAE, Regime.FRANCE_VAE), DAY)


@pytest.mark.parametrize(
    ("path", "told", "step"),
    [
        (PathStep.RECORD, {"is_planned": False}, RecordStep.PLAN),
        (PathStep.DECIDED, {"is_amended": True}, RecordStep.DECIDED),
        (PathStep.HEAR, {"is_amended": True}, RecordStep.AMEND),
        (PathStep.SUSPENDED, {}, RecordStep.SUSPENDED),
        (PathStep.ABSENT, {}, RecordStep.ABSENT),
        (PathStep.HEAR, {}, RecordStep.HEAR),
        (PathStep.NOT_HEARD, {}, RecordStep.SCHEDULE),
        (PathStep.SCHEDULE, {}, RecordStep.SCHEDULE),
        (PathStep.RECORD, {"is_complete": False}, RecordStep.RECORD),
        (PathStep.RECORD, {}, RecordStep.SEAL),
    ],
)
def test_the_page_of_the_results_has_one_next_step(path, told, step):
    usual = {"is_planned": True, "is_amended": False, "is_complete": True}
    assert record_step(path, **(usual | told)) is step
