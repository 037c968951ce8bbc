"""Rates of sixty holders, recomputed by hand; who is asked, and when."""

from datetime import date, timedelta

import pytest

from portfolio.domain.follow_up.rules import Situation, Wave, percent, rates_of, wave_due

EMPLOYED, SEEKING, STUDYING, INCAPABLE, OTHER = Situation


def test_three_rates_of_sixty_holders_are_those_of_the_hand():
    # 60 holders, 48 answer: 30 employed (21 in the target job, 6 out of it, 3 who do not say), 10 seeking, 5 in
    # further study, 1 incapable, 2 in another situation.
    answers = [
        *[(EMPLOYED, True)] * 21, *[(EMPLOYED, False)] * 6, *[(EMPLOYED, None)] * 3, *[(SEEKING, None)] * 10,
        *[(STUDYING, None)] * 5, (INCAPABLE, None), *[(OTHER, None)] * 2,
    ]  # fmt: skip
    found = rates_of(60, answers)
    assert (found.respondents, percent(found.respondents, found.holders)) == (48, 80.0)  # 48 / 60
    assert (found.employed, found.active, percent(found.employed, found.active)) == (30, 40, 75.0)  # 30 / (30 + 10)
    assert (found.in_target, found.considered, found.neutral) == (21, 42, 6)  # 48 - 5 - 1
    assert percent(found.in_target, found.considered) == 50.0
    assert not found.is_low
    assert not found.is_small


def test_a_seeker_who_names_a_target_job_is_not_in_it_and_nobody_gives_no_rate():
    found = rates_of(9, [(SEEKING, True)] * 4)
    assert (found.in_target, found.considered, found.is_low, found.is_small) == (0, 4, True, True)
    empty = rates_of(3, [])
    assert percent(empty.employed, empty.active) is None


@pytest.mark.parametrize(
    ("days", "wave"), [(180, None), (184, Wave.M6), (364, Wave.M6), (366, Wave.M12), (600, None), (740, Wave.M24), (930, None)]
)  # fmt: skip
def test_a_wave_is_asked_for_six_months(days: int, wave: Wave | None):
    assert wave_due(date(2025, 1, 15), date(2025, 1, 15) + timedelta(days=days)) is wave
