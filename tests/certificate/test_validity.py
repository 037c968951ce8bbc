"""A block whose validity is limited: its end is counted from the grant, and every document says until when (R6)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.holdings.rules.validity import end_of_validity, is_valid_on
from portfolio.wording.holdings.grants import is_permanent, validity_message, whole_validity_message

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
    assert validity_message(limited).replace("\xa0", " ") == "Valable jusqu’au 18 juin 2029 : 36 mois à compter de la décision."
    assert not is_permanent(limited)
    assert validity_message(labels()) == "Acquis définitivement."
    assert "illimitée" in validity_message(labels(permanence="unlimited"))
    assert "définitivement" not in validity_message(labels(permanence="limited"))


def test_the_document_of_the_whole_claims_no_permanence_for_a_limited_block():
    limited = labels(limited_blocks=[{"number": 3, "months": 36}], permanence="unlimited")
    assert "définitivement" not in whole_validity_message(limited)
    assert "illimitée" in whole_validity_message(labels(permanence="unlimited"))
    assert "illimitée" not in whole_validity_message(labels())
