"""Clocks of a candidacy."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime, deadlines_for, months_after
from portfolio.domain.candidacy.rules.stage import Stage, stage_of


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
