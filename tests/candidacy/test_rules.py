"""Clocks of a candidacy."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime, deadlines_for, months_after
from portfolio.domain.candidacy.rules.stage import PathFacts, PathStep, Stage, path_step, stage_of
from portfolio.wording.dossier import own_step_message


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 2), 6, date(2026, 9, 2)),
    ],
)
def test_a_month_later_is_the_same_day_or_the_last_of_the_month(day, months, expected):
    assert months_after(day, months) == expected


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_the_earlier_reading_comes_first(day):
    for clock in deadlines_for(Regime.FRANCE_VAE, day, day):
        assert clock.since <= clock.until <= clock.latest


def test_the_running_clock_follows_the_path():
    admissible, submitted, decided = date(2026, 1, 5), date(2026, 5, 1), date(2026, 7, 1)
    assert [c.kind for c in deadlines_for(Regime.FRANCE_VAE, admissible)] == [DeadlineKind.FIRST_STEP]
    assert [c.kind for c in deadlines_for(Regime.FRANCE_VAE, admissible, submitted)] == [DeadlineKind.JURY]
    assert deadlines_for(Regime.FRANCE_VAE, admissible, submitted, decided)[0].until == date(2026, 7, 16)


def test_each_clock_says_what_it_counts_from_and_its_article():
    admissible, submitted, decided = date(2026, 1, 5), date(2026, 5, 1), date(2026, 7, 1)
    dates = [(admissible,), (admissible, submitted), (admissible, submitted, decided)]
    clocks = [deadlines_for(Regime.FRANCE_VAE, *one)[0] for one in dates]
    assert [(one.since, one.until, one.latest, one.source) for one in clocks] == [
        (admissible, date(2026, 7, 5), date(2026, 7, 31), "R6412-4"),
        (submitted, date(2026, 8, 1), date(2026, 8, 31), "R6412-5"),
        (decided, date(2026, 7, 16), date(2026, 7, 16), "R6412-7"),
    ]


def test_other_regimes_have_no_clock_of_ours():
    assert deadlines_for(Regime.CERFA, date(2026, 1, 5)) == []


def test_a_clock_is_over_the_day_after():
    clock = deadlines_for(Regime.FRANCE_VAE, date(2026, 1, 5))[0]
    assert not clock.is_over(date(2026, 7, 5))
    assert clock.is_over(date(2026, 7, 6))


@pytest.mark.parametrize(
    ("facts", "stage"),
    [
        ((False, False, False, False), Stage.INVITED),
        ((True, False, False, False), Stage.WRITING),
        ((True, True, False, False), Stage.SEALED),
        ((True, True, True, False), Stage.CALLED),
        ((True, True, True, True), Stage.DECIDED),
        # Open again for the blocks that are missing: it is written, whatever a jury decided before.
        ((True, False, True, True), Stage.WRITING),
    ],
)
def test_a_candidacy_is_listed_where_its_last_deposit_is(facts, stage):
    has_come, is_sealed, has_session, is_decided = facts
    said = {"has_come": has_come, "is_sealed": is_sealed, "has_session": has_session, "is_decided": is_decided}
    assert stage_of(**said) is stage


BEFORE = PathFacts(is_sealed=True, has_session=True)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (PathFacts(is_sealed=False), PathStep.WRITE),
        (PathFacts(is_sealed=False, has_come=False), PathStep.INVITE),
        (PathFacts(is_sealed=False, has_dossier=False), PathStep.RECORD),
        (PathFacts(is_sealed=True), PathStep.SCHEDULE),
        (PathFacts(is_sealed=True, is_returned=True), PathStep.RETURNED),
        (PathFacts(is_sealed=True, has_session=True, is_replaced=True), PathStep.REPLACED),
        (BEFORE, PathStep.HEAR),
        (replace(BEFORE, is_suspended=True), PathStep.SUSPENDED),
        # The jury of today noted the absence, the minutes are open still.
        (replace(BEFORE, is_away=True), PathStep.ABSENT),
        # Those minutes are closed, no other jury is planned; then one is; then it has decided.
        (PathFacts(is_sealed=True, was_absent=True), PathStep.NOT_HEARD),
        (replace(BEFORE, was_absent=True), PathStep.HEAR),
        (replace(BEFORE, was_absent=True, is_closed=True), PathStep.DECIDED),
        (replace(BEFORE, is_closed=True, is_unnotified=True), PathStep.NOTIFY),
        (replace(BEFORE, is_closed=True, presents=True, has_appeal=True), PathStep.APPEAL),
        (replace(BEFORE, is_closed=True, presents=True), PathStep.PREPARE),
        (replace(BEFORE, is_closed=True, presents=True, has_dossier=False), PathStep.AGAIN),
        (replace(BEFORE, is_closed=True, presents=True, is_sealed=False), PathStep.CONTINUE),
        (replace(BEFORE, is_closed=True, is_obtained=True), PathStep.OBTAINED),
        (replace(BEFORE, is_closed=True, is_held_up=True), PathStep.HELD_UP),
    ],
)
def test_the_next_step_of_a_path_follows_its_facts(facts: PathFacts, step: PathStep):
    assert path_step(facts) is step


@pytest.mark.parametrize("step", sorted({*PathStep} - {PathStep.HEAR, PathStep.INVITE, PathStep.REPLACED}))
def test_each_step_is_said_to_the_candidate(step: PathStep):
    title, text = own_step_message(step, date(2026, 6, 1), "Lyon", date(2026, 6, 1), "relevé")
    assert title
    assert text
    assert "{" not in title + text
