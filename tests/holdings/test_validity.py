"""A block whose validity is limited: its end is counted from the grant, and every document says until when (R6)."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.holdings.rules.completion import (
    completion_for,
    end_of_validity,
    event_on,
    event_since,
    first_end,
    is_valid_on,
    standing_events,
)
from portfolio.domain.holdings.rules.facts import GrantingEvent, Source
from portfolio.wording.holdings.grants import is_permanent, validity_message, whole_validity_message
from tests.holdings.histories import FIRST

DAYS = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@pytest.mark.parametrize(
    ("granted_on", "months", "until"),
    [
        (date(2026, 6, 18), 36, date(2029, 6, 18)),
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 6, 18), None, None),
    ],
)
def test_the_end_is_the_day_of_the_same_number_or_the_last_of_a_shorter_month(granted_on, months, until):
    assert end_of_validity(granted_on, months) == until


@given(DAYS, st.integers(1, 600))
def test_a_limited_block_is_valid_from_its_grant_to_its_end_and_not_a_day_more(granted_on, months):
    end = end_of_validity(granted_on, months)
    assert end is not None
    act = granted(granted_on, end)
    assert is_valid_on(granted_on, act)
    assert is_valid_on(end, act)
    assert not is_valid_on(end + timedelta(days=1), act)
    assert not is_valid_on(granted_on - timedelta(days=1), act)


@given(DAYS, DAYS)
def test_a_block_without_a_limit_stays_valid(granted_on, day):
    assert is_valid_on(max(granted_on, day), granted(granted_on))


def labels(**more: Any) -> dict[str, Any]:
    return {"certification": {"permanence": more.pop("permanence", None)}, **more}


def test_a_certificate_says_until_when_or_for_ever_and_never_unlimited_unless_the_entry_says_so():
    limited = labels(validity={"until": "2029-06-18", "months": 36}, permanence="unlimited")
    assert (
        validity_message(limited).replace("\xa0", " ")
        == "Valable jusqu’au 18 juin 2029 : 36 mois à compter de la décision."
    )
    assert not is_permanent(limited)
    assert validity_message(labels()) == "Acquis définitivement."
    assert "illimitée" in validity_message(labels(permanence="unlimited"))
    assert "définitivement" not in validity_message(labels(permanence="limited"))


def test_the_document_of_the_whole_claims_no_permanence_for_a_limited_block():
    limited = labels(limited_blocks=[{"number": 3, "months": 36}], permanence="unlimited")
    assert "définitivement" not in whole_validity_message(limited)
    assert "illimitée" in whole_validity_message(labels(permanence="unlimited"))
    assert "illimitée" not in whole_validity_message(labels())


def granted(on: date, until: date | None = None) -> GrantingEvent:
    return GrantingEvent(on, Source.PRIOR, f"PV du {on}", until)


JANUARY, MARCH, JUNE = date(2026, 1, 15), date(2026, 3, 15), date(2026, 6, 15)
ONE, TWO = FIRST[:2]


def test_of_several_ends_the_first_counts():
    assert first_end((JUNE, None, MARCH)) == MARCH
    assert first_end((None, None)) is None


def test_a_later_act_stands_for_a_block_only_when_it_is_valid_for_longer():
    for_ever = (granted(JANUARY), granted(MARCH), granted(JUNE))
    assert standing_events(for_ever) == for_ever[:1], "what lasts for ever is granted once (R6)"
    short, within, longer = granted(JANUARY, JUNE), granted(MARCH, MARCH), granted(MARCH, date(2027, 3, 15))
    assert standing_events((short, within, longer)) == (short, longer)
    assert standing_events((short, granted(JANUARY))) == (granted(JANUARY),), "of one day, the longer one"


def test_an_act_added_before_another_one_takes_no_day_from_a_block():
    later = granted(MARCH)
    acts = (granted(JANUARY, JUNE), later)
    assert event_on(JUNE + timedelta(days=1), acts) == later


def test_on_a_day_a_block_stands_by_the_earliest_act_valid_that_day():
    acts = (granted(JANUARY, MARCH), granted(JUNE))
    assert event_on(MARCH, acts) == acts[0]
    assert event_on(MARCH + timedelta(days=1), acts) is None
    assert event_on(JUNE, acts) == acts[1]
    assert event_since(MARCH + timedelta(days=1), acts) == acts[1], "an act that came later counts"
    assert event_since(JUNE, acts[:1]) is None


def whole(**acts: tuple[GrantingEvent, ...]) -> tuple[date | None, int | None]:
    """Return the day of the whole of two blocks, and the block that completed it."""
    answer = completion_for((ONE, TWO), {ONE.id: acts.get("one", ()), TWO.id: acts.get("two", ())})
    return answer.on, answer.completed_by.number if answer.completed_by else None


def test_the_whole_is_obtained_on_the_first_day_on_which_all_blocks_are_valid_together():
    one = (granted(JANUARY, MARCH), granted(JUNE, date(2026, 8, 15)))
    assert whole(one=(granted(JANUARY), granted(JUNE)), two=(granted(MARCH),)) == (MARCH, 2)
    assert whole(one=one, two=(granted(MARCH),)) == (MARCH, 2), "on the last day of the first act"
    day = MARCH + timedelta(days=1)
    assert whole(one=one, two=(granted(day),)) == (JUNE, 1), "once it was granted again"
    assert whole(one=one[:1], two=(granted(day),)) == (None, None), "the first block had ended"
    assert whole(one=one[:1], two=(granted(JANUARY - timedelta(days=20), JANUARY - timedelta(days=1)),)) == (None, None)
    assert whole(one=one) == (None, None)


def test_the_blocks_missing_are_those_not_valid_on_the_day_asked():
    acts = {ONE.id: (granted(JANUARY, MARCH),), TWO.id: (granted(JUNE, date(2026, 8, 15)),)}
    assert completion_for((ONE, TWO), acts).missing == (ONE,)
    assert completion_for((ONE, TWO), acts, on=date(2027, 1, 1)).missing == (ONE, TWO)
