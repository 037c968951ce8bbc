"""Tries, links and passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.account.rules import PasswordFault, is_live, may_try, password_fault

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(st.lists(st.integers(min_value=-3600, max_value=0), max_size=40))
def test_at_most_ten_tries_in_ten_minutes(offsets):
    tries = [AT + timedelta(seconds=offset) for offset in offsets]
    recent = [moment for moment in tries if AT - moment < timedelta(minutes=10)]
    assert may_try(tries, AT) == (len(recent) < 10)


def test_a_link_ends_when_used_or_when_its_time_comes():
    assert is_live(AT + timedelta(seconds=1), None, AT)
    assert not is_live(AT, None, AT)
    assert not is_live(AT + timedelta(days=1), AT - timedelta(days=1), AT)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("court", PasswordFault.TOO_SHORT),
        ("a" * 300, PasswordFault.TOO_LONG),
        ("abababababababab", PasswordFault.REPEATS),
        ("prenom.nom@exemple.fr", PasswordFault.IS_EMAIL),
        ("une phrase que je retiens", None),
    ],
)
def test_a_password_is_long_and_not_obvious(password, fault):
    assert password_fault(password, "Prenom.Nom@exemple.fr") == fault
