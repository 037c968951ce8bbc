"""The next step of a session: what prevents the jury, then who must be written to, then the day."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.jury.rules.session_step import SessionFacts, SessionStep, session_step

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
