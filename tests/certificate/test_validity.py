"""A block whose validity is limited: its end is counted from the grant, and every document says until when
(R6).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.holdings.rules.facts import GrantingEvent, Source
from portfolio.domain.holdings.rules.validity import (
    days_held,
    end_of_event,
    end_of_validity,
    event_by,
    is_event_valid_on,
    is_valid_on,
    standing_events,
)
from portfolio.wording.holdings.grants import is_permanent, validity_message, whole_validity_message
from tests.certificate.histories import FIRST

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
    assert is_valid_on(granted_on, granted_on, months)
    assert is_valid_on(end, granted_on, months)
    assert not is_valid_on(end + timedelta(days=1), granted_on, months)
    assert not is_valid_on(granted_on - timedelta(days=1), granted_on, months)


@given(DAYS, DAYS)
def test_a_block_without_a_limit_stays_valid(granted_on, day):
    assert is_valid_on(max(granted_on, day), granted_on, None)


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


def test_an_act_is_valid_from_its_day_to_the_first_of_its_two_ends():
    own, by_version = granted(JANUARY, MARCH), granted(JANUARY)
    assert end_of_event(own, None) == end_of_event(own, 5) == end_of_event(by_version, 2) == MARCH
    assert end_of_event(own, 1) == date(2026, 2, 15)
    assert end_of_event(by_version, None) is None
    for act, months in ((own, None), (by_version, 2)):
        days = (JANUARY - timedelta(days=1), JANUARY, MARCH, MARCH + timedelta(days=1))
        assert [is_event_valid_on(day, act, months) for day in days] == [False, True, True, False]


def test_a_later_act_stands_for_a_block_only_once_the_one_before_had_ended():
    acts = (granted(JANUARY), granted(MARCH), granted(JUNE))
    assert standing_events(acts, None) == acts[:1], "what lasts for ever is granted once (R6)"
    assert standing_events(acts, 2) == (acts[0], acts[2]), "the second came on the last day of the first"
    assert standing_events(acts, 1) == acts


def test_on_a_day_a_block_stands_by_the_last_act_that_had_come():
    acts = (granted(JANUARY), granted(JUNE))
    assert event_by(JUNE, acts, 2) == acts[1]
    assert event_by(JUNE - timedelta(days=1), acts, 2) == acts[0]
    assert event_by(JANUARY - timedelta(days=1), acts, 2) == acts[0], "the first act, when none had come"
    assert event_by(JUNE, acts) == acts[0], "without a limit the first act stands"


def test_blocks_without_a_limit_are_held_from_their_first_act():
    acts = {ONE.id: (granted(JANUARY), granted(JUNE)), TWO.id: (granted(MARCH),)}
    assert days_held((ONE, TWO), acts) == {ONE.id: JANUARY, TWO.id: MARCH}
    assert days_held((ONE, TWO), {ONE.id: acts[ONE.id], TWO.id: ()}) == {ONE.id: JANUARY}


def test_limited_blocks_are_held_on_the_first_day_on_which_all_are_valid_together():
    limited = replace(ONE, validity_months=2)
    blocks = (limited, TWO)
    together = {ONE.id: (granted(JANUARY), granted(JUNE)), TWO.id: (granted(MARCH),)}
    assert days_held(blocks, together) == {ONE.id: JANUARY, TWO.id: MARCH}, "on the last day of the first act"
    apart = together | {TWO.id: (granted(MARCH + timedelta(days=1)),)}
    assert days_held(blocks, apart) == {ONE.id: JUNE, TWO.id: MARCH + timedelta(days=1)}, (
        "once it was granted again"
    )
    assert days_held(blocks, {ONE.id: together[ONE.id]}) == {ONE.id: JUNE}, (
        "what is held on the day of the last act"
    )
    ended = {ONE.id: (granted(JANUARY),), TWO.id: (granted(JUNE),)}
    assert days_held(blocks, ended) == {TWO.id: JUNE}, "the first block had ended"
    assert days_held(blocks, {}) == {}


def test_a_certificate_of_before_with_its_own_end_limits_a_block_without_a_limit():
    acts = {ONE.id: (granted(JANUARY, MARCH),), TWO.id: (granted(JUNE),)}
    assert days_held((ONE, TWO), acts) == {TWO.id: JUNE}
