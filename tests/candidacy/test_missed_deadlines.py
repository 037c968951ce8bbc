"""Delays that pass: what is overrun, what waits for a ruling, what a ruling may say."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.candidacy.rules.deadlines import DeadlineKind, Regime
from portfolio.domain.candidacy.rules.missed_deadlines import (
    LapseOutcome,
    LapseState,
    ProgressDates,
    Ruling,
    lapse_of,
    missed_deadlines,
    ruling_refusal,
    running_deadlines,
)
from portfolio.domain.candidacy.rules.opening import CandidacyRefusal
from portfolio.wording.candidacy import missed_deadline_title

# Six months after 2 March: 2 September by the first reading, 30 September by the second.
MARCH = date(2026, 3, 2)
EARLIER, LATEST = date(2026, 9, 2), date(2026, 9, 30)
LEGITIMATE, LAPSED = LapseOutcome.LEGITIMATE, LapseOutcome.LAPSED
FIRST_STEP = DeadlineKind.FIRST_STEP
days = st.dates(date(2024, 1, 1), date(2030, 1, 1))


def path(**more: object) -> ProgressDates:
    return ProgressDates(**({"regime": Regime.FRANCE_VAE, "admissible_on": MARCH, "opened_on": MARCH} | more))


def ruling(
    outcome: LapseOutcome = LEGITIMATE,
    kind: DeadlineKind = FIRST_STEP,
    on: date = date(2026, 11, 2),
    why: str = "Maladie.",
) -> Ruling:
    return Ruling(kind, outcome, why, on)


@pytest.mark.parametrize(
    ("more", "today", "state"),
    [
        ({}, LATEST, LapseState.NONE),
        ({}, LATEST + timedelta(days=1), LapseState.NOT_RULED),
        ({"first_step_on": EARLIER}, date(2027, 1, 1), LapseState.NONE),
        ({"first_step_on": LATEST}, date(2027, 1, 1), LapseState.NONE),
        ({"first_step_on": LATEST + timedelta(days=1)}, date(2027, 1, 1), LapseState.NOT_RULED),
        ({"submitted_on": LATEST + timedelta(days=1)}, date(2027, 1, 1), LapseState.NOT_RULED),
        ({"opened_on": LATEST}, LATEST + timedelta(days=1), LapseState.NOT_RULED),
        # Opened here after the delay: the person who opened it knew.
        ({"opened_on": LATEST + timedelta(days=1)}, date(2027, 1, 1), LapseState.NONE),
        ({"regime": Regime.CERFA}, date(2030, 1, 1), LapseState.NONE),
        ({"regime": Regime.OTHER}, date(2030, 1, 1), LapseState.NONE),
    ],
)
def test_an_admissibility_waits_for_a_ruling_once_both_readings_of_its_delay_have_passed_before_us(more, today, state):
    assert lapse_of(path(**more), (), today) is state


def test_the_latest_ruling_stands_whatever_the_delays():
    assert lapse_of(path(), [ruling()], date(2030, 1, 1)) is LapseState.RULED
    assert lapse_of(path(), [ruling(), ruling(LAPSED)], date(2030, 1, 1)) is LapseState.LAPSED
    assert lapse_of(path(), [ruling(LAPSED), ruling()], date(2030, 1, 1)) is LapseState.RULED


def test_a_ruling_on_the_jury_says_nothing_of_the_admissibility():
    assert lapse_of(path(), [ruling(kind=DeadlineKind.JURY)], date(2030, 1, 1)) is LapseState.NOT_RULED


def test_each_delay_of_a_path_is_measured_from_what_came_before():
    late = path(
        first_step_on=date(2026, 10, 5),
        submitted_on=date(2026, 11, 2),
        jury_on=date(2027, 3, 10),
        notified_on=date(2027, 4, 1),
    )
    found = missed_deadlines(late, date(2027, 5, 1))
    assert [(missed_deadline.kind, missed_deadline.done_on) for missed_deadline in found] == [
        (FIRST_STEP, date(2026, 10, 5)), (DeadlineKind.JURY, date(2027, 3, 10)), (DeadlineKind.NOTIFICATION, date(2027, 4, 1))
    ]  # fmt: skip
    assert all(missed_deadline.certain and missed_deadline.seen for missed_deadline in found)


def test_between_the_two_readings_an_overrun_is_shown_and_the_doubt_is_the_candidates():
    (found,) = missed_deadlines(path(first_step_on=date(2026, 9, 15)), date(2027, 1, 1))
    assert (found.kind, found.certain) == (FIRST_STEP, False)
    assert lapse_of(path(first_step_on=date(2026, 9, 15)), (), date(2027, 1, 1)) is LapseState.NONE


@given(days, days, st.none() | days, days)
def test_time_alone_lapses_nothing(admissible, opened, step, today):
    state = lapse_of(path(admissible_on=admissible, opened_on=opened, first_step_on=step), (), today)
    assert state in (LapseState.NONE, LapseState.NOT_RULED)


@given(days, days, days, days)
def test_a_step_taken_earlier_never_makes_things_worse(admissible, opened, step, today):
    later = lapse_of(path(admissible_on=admissible, opened_on=opened, first_step_on=step), (), today)
    sooner = lapse_of(
        path(admissible_on=admissible, opened_on=opened, first_step_on=step - timedelta(days=30)), (), today
    )
    assert sooner is LapseState.NONE or later is LapseState.NOT_RULED


@pytest.mark.parametrize(
    ("said", "decided", "code"),
    [
        (ruling(), False, None),
        (ruling(LAPSED), False, None),
        (ruling(), True, None),
        (ruling(LAPSED), True, CandidacyRefusal.LAPSED_AFTER_MINUTES),
        (ruling(why="  "), False, CandidacyRefusal.NO_REASON),
        (ruling(kind=DeadlineKind.NOTIFICATION), False, CandidacyRefusal.NO_OVERRUN),
        (ruling(LAPSED, kind=DeadlineKind.JURY), False, CandidacyRefusal.NOT_THE_CANDIDATES_DELAY),
        (ruling(on=date(2028, 1, 1)), False, None),
        (ruling(on=date(2028, 1, 2)), False, CandidacyRefusal.RULED_TOMORROW),
        (ruling(on=EARLIER), False, CandidacyRefusal.RULED_TOO_SOON),
    ],
)
def test_what_a_ruling_may_say(said, decided, code):
    overruns = missed_deadlines(path(submitted_on=date(2026, 10, 5)), date(2028, 1, 1))
    assert ruling_refusal(said, overruns, has_minutes=decided, today=date(2028, 1, 1)) is code


@pytest.mark.parametrize(
    ("more", "today", "title"),
    [
        ({}, LATEST + timedelta(days=1), "Délai dépassé"),
        ({}, LATEST, "Délai dépassé selon une des deux lectures"),
        ({"first_step_on": LATEST}, date(2027, 1, 1), "Délai respecté selon une des deux lectures"),
        ({"first_step_on": LATEST + timedelta(days=1)}, date(2027, 1, 1), "Délai dépassé"),
    ],
)
def test_a_delay_that_one_reading_keeps_is_not_titled_as_passed(more, today, title):
    (overrun,) = missed_deadlines(path(**more), today)
    assert missed_deadline_title(overrun, ruled=False) == title


def test_a_delay_whose_event_came_in_time_no_longer_runs_and_is_no_overrun():
    kept = path(first_step_on=MARCH + timedelta(days=30))
    assert running_deadlines(kept, date(2027, 1, 1)) == ()
    assert missed_deadlines(kept, date(2027, 1, 1)) == ()
    assert [clock.kind for clock in running_deadlines(path(), EARLIER)] == [FIRST_STEP]
    assert running_deadlines(path(), EARLIER + timedelta(days=1)) == ()


def test_a_delay_is_kept_on_its_last_day():
    assert missed_deadlines(path(), EARLIER) == ()
    assert missed_deadlines(path(first_step_on=EARLIER), date(2027, 1, 1)) == ()
    assert [one.kind for one in missed_deadlines(path(), EARLIER + timedelta(days=1))] == [FIRST_STEP]


@given(today=days, admissible=days, step=st.none() | days)
def test_a_delay_never_both_runs_and_has_passed(today, admissible, step):
    found = ProgressDates(Regime.FRANCE_VAE, admissible, admissible, step)
    kinds = [clock.kind for clock in running_deadlines(found, today)] + [
        deadline.kind for deadline in missed_deadlines(found, today)
    ]
    assert len(kinds) == len(set(kinds))
