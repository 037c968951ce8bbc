"""The next step of a session: what prevents the jury, then who must be written to, then the day."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.jury.rules.member_status import JurorStep
from portfolio.domain.jury.rules.session_step import (
    DayStep,
    HearingFacts,
    HearingStep,
    MinutesStep,
    SessionFacts,
    SessionStep,
    day_step,
    hearing_step,
    minutes_step,
    session_step,
)

STANDS = SessionFacts(days=30, reading_days=8, listed=1, open=1, has_hours_and_place=True)


@pytest.mark.parametrize(
    ("changes", "step"),
    [
        ({"is_cancelled": True, "absent": 1}, SessionStep.CANCELLED),
        ({"has_empty_seat": True, "unsummoned": 6}, SessionStep.NAME_MEMBER),
        ({"is_irregular": True, "unsummoned": 6}, SessionStep.MAKE_REGULAR),
        ({"is_vacant_for_one": True}, SessionStep.FILL_SEAT),
        ({"is_irregular_for_one": True}, SessionStep.MAKE_REGULAR_FOR),
        ({"absent": 1, "outdated": 2}, SessionStep.REPLACE_ABSENT),
        ({"outdated": 2, "unsummoned": 1}, SessionStep.UPDATE_SUMMONS),
        ({"unsummoned": 6, "has_hours_and_place": False}, SessionStep.FIX_DAY),
        ({"unsummoned": 6}, SessionStep.WRITE_SUMMONS),
        ({"unsummoned": 6, "days": 0}, SessionStep.FOLLOW),
        ({"suspended": 1, "unsummoned": 1}, SessionStep.RESUME),
        ({}, SessionStep.FOLLOW),
        ({"open": 0, "is_closed": True}, SessionStep.OVER),
        ({"open": 0, "listed": 0, "possible": 2, "unsummoned": 5}, SessionStep.LIST_CANDIDATE),
        ({"open": 0, "listed": 0, "possible": 2, "days": 3}, SessionStep.TOO_NEAR),
        ({"open": 0, "listed": 0, "possible": 2, "days": -1}, SessionStep.PAST),
        ({"open": 0, "listed": 0, "unsummoned": 5}, SessionStep.READY),
    ],
)
def test_each_state_of_a_session_has_its_step(changes, step):
    assert session_step(replace(STANDS, **changes)) is step


@given(st.builds(SessionFacts, days=st.integers(-9, 40), reading_days=st.just(8)), st.booleans())
def test_nobody_is_summoned_to_a_day_that_has_passed_or_by_an_irregular_jury(facts, closed):
    step = session_step(replace(facts, is_closed=closed))
    if step in (SessionStep.WRITE_SUMMONS, SessionStep.FIX_DAY, SessionStep.UPDATE_SUMMONS):
        assert facts.days >= 0
        assert not facts.is_irregular
        assert facts.open > facts.suspended


READY = HearingFacts(JurorStep.READY, days=0, is_checked=True)
PRESIDES = replace(READY, presides=True)


@pytest.mark.parametrize(
    ("facts", "step"),
    [
        (replace(READY, own=JurorStep.DECLARE, is_suspended=True), HearingStep.DECLARE),
        (replace(READY, own=JurorStep.READ, is_vacant=True), HearingStep.READ),
        (replace(READY, own=JurorStep.RECUSED), HearingStep.RECUSED),
        (replace(READY, own=JurorStep.BARRED), HearingStep.BARRED),
        (replace(READY, has_given=False), HearingStep.GIVE_OPINIONS),
        (replace(READY, has_given=False, is_absent=True), HearingStep.ABSENT),
        (replace(READY, has_given=False, is_suspended=True), HearingStep.SUSPENDED),
        (replace(READY, is_unanswered=True), HearingStep.WAIT),
        (replace(READY, is_unanswered=True, days=1), HearingStep.ANSWER),
        (replace(READY, to_vote=True, has_given=False), HearingStep.VOTE),
        (replace(PRESIDES, to_vote=True, to_find=True), HearingStep.VOTE),
        (replace(READY, to_vote=True, is_suspended=True), HearingStep.SUSPENDED),
        (replace(PRESIDES, is_vacant=True), HearingStep.VACANT),
        (replace(PRESIDES, days=3, is_ready=False), HearingStep.FOLLOW),
        # Before the day the presidency gives its opinions, and notes nothing.
        (replace(PRESIDES, days=3, to_find=True, is_checked=False), HearingStep.FOLLOW),
        (replace(PRESIDES, days=3, to_find=True, has_given=False), HearingStep.GIVE_OPINIONS),
        (replace(PRESIDES, to_find=True, has_given=False), HearingStep.FIND),
        (replace(PRESIDES, is_checked=False), HearingStep.CHECK),
        (replace(PRESIDES, is_ready=False), HearingStep.CHECK),
        (replace(PRESIDES, to_find=True, to_settle=True), HearingStep.FIND),
        (replace(PRESIDES, to_settle=True), HearingStep.SETTLE),
        (PRESIDES, HearingStep.CLOSE),
        (replace(PRESIDES, is_closed=True, is_returned=True), HearingStep.CLOSED),
        (replace(PRESIDES, is_returned=True), HearingStep.RETURNED),
    ],
)
def test_a_member_has_one_next_step_for_each_candidate(facts: HearingFacts, step: HearingStep):
    assert hearing_step(facts) is step


@pytest.mark.parametrize(
    ("days", "facts", "step"),
    [
        (1, {"is_closed": True}, DayStep.CLOSED),
        (1, {"is_vacant": True}, DayStep.VACANT),
        (1, {"is_checked": False}, DayStep.BEFORE),
        (0, {"is_suspended": True, "is_checked": False}, DayStep.SUSPENDED),
        (0, {"is_checked": False}, DayStep.CHECK),
        (0, {"is_absent": True, "is_regular": False}, DayStep.ABSENT),
        (-1, {"is_regular": False}, DayStep.IRREGULAR),
        (0, {}, DayStep.DELIBERATE),
    ],
)
def test_the_day_of_a_jury_begins_with_what_stops_it(days, facts, step):
    stops = dict.fromkeys(("is_closed", "is_vacant", "is_suspended", "is_absent"), False)
    usual = stops | {"is_checked": True, "is_regular": True}
    assert day_step(days, **(usual | facts)) is step


def test_closed_minutes_lead_to_what_was_decided_since_before_anything_else():
    assert minutes_step(is_changed=True, is_heard=True) is MinutesStep.CHANGED
    assert minutes_step(is_changed=False, is_heard=True) is MinutesStep.DONE
    assert minutes_step(is_changed=False, is_heard=False) is MinutesStep.NOT_HEARD
