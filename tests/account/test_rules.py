"""Tries, links and passwords."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.account.rules import (
    ADDRESS_TRIES,
    LATER_ADDRESS_TRIES,
    RESET_LETTERS,
    RESET_WINDOW,
    SPRAY_ACCOUNTS,
    SPRAY_PACE,
    SPRAY_TRIES,
    TRIES,
    TRIES_WINDOW,
    PasswordError,
    is_live,
    is_personal,
    login_wait,
    password_error,
    reset_wait,
    wait_before,
    words_in,
)
from portfolio.wording.account import wrong_code_message

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@given(st.lists(st.integers(min_value=-3600, max_value=0), max_size=40))
def test_at_most_ten_tries_in_ten_minutes(offsets):
    tries = [AT + timedelta(seconds=offset) for offset in offsets]
    recent = [moment for moment in tries if AT - moment < timedelta(minutes=10)]
    assert (wait_before(tries, 10, AT) == timedelta(0)) == (len(recent) < 10)


@given(st.lists(st.integers(min_value=-3600, max_value=0), max_size=40), st.integers(min_value=1, max_value=10))
def test_a_wait_is_as_short_as_it_can_be(offsets, limit):
    tries = [AT + timedelta(seconds=offset) for offset in offsets]
    wait = wait_before(tries, limit, AT)
    assert timedelta(0) <= wait <= TRIES_WINDOW
    assert wait_before(tries, limit, AT + wait) == timedelta(0)
    if wait:
        assert wait_before(tries, limit, AT + wait - timedelta(milliseconds=1)) > timedelta(0)


def test_one_stranger_never_uses_up_the_tries_of_an_account():
    stranger = [AT] * ADDRESS_TRIES
    assert login_wait(stranger, [], [], AT) == TRIES_WINDOW, "the stranger waits"
    assert login_wait([], stranger, [], AT) == timedelta(0), "the owner, elsewhere, does not"
    assert login_wait([AT] * LATER_ADDRESS_TRIES, stranger, [], AT) > timedelta(0)


def test_strangers_together_have_ten_tries_on_one_account():
    assert login_wait([], [AT] * (TRIES - 1), [], AT) == timedelta(0)
    assert login_wait([], [AT] * TRIES, [], AT) == TRIES_WINDOW


def test_one_address_that_tries_many_accounts_has_two_tries_on_each():
    spray, few = [AT] * SPRAY_TRIES, [AT] * (SPRAY_TRIES - ADDRESS_TRIES)
    assert login_wait([AT] * (ADDRESS_TRIES - 1), [], few, AT) == timedelta(0)
    assert login_wait([], [], spray, AT) == timedelta(0), "its neighbours still enter"
    assert login_wait([AT] * LATER_ADDRESS_TRIES, [], spray, AT) == TRIES_WINDOW


def test_one_address_that_tried_many_accounts_in_vain_has_one_try_a_minute():
    once = [AT - timedelta(seconds=20)]
    assert login_wait([], [], once, AT, SPRAY_ACCOUNTS - 1) == timedelta(0)
    assert login_wait([], [], once, AT, SPRAY_ACCOUNTS) == SPRAY_PACE - timedelta(seconds=20)
    assert login_wait([], [], once, AT + SPRAY_PACE, SPRAY_ACCOUNTS) == timedelta(0)


def test_one_address_that_asks_for_many_letters_has_one_for_each_account():
    assert reset_wait([], [], [AT] * SPRAY_TRIES, AT) == timedelta(0)
    assert reset_wait([AT], [], [AT] * SPRAY_TRIES, AT) == RESET_WINDOW
    assert reset_wait([AT], [], [], AT) == timedelta(0)
    assert reset_wait([], [AT] * RESET_LETTERS, [], AT) == RESET_WINDOW


def test_a_link_ends_when_used_or_when_its_time_comes():
    assert is_live(AT + timedelta(seconds=1), None, AT)
    assert not is_live(AT, None, AT)
    assert not is_live(AT + timedelta(days=1), AT - timedelta(days=1), AT)


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("court", PasswordError.TOO_SHORT),
        ("a" * 300, PasswordError.TOO_LONG),
        ("abababababababab", PasswordError.REPEATS),
        ("prenom.nom@exemple.fr", PasswordError.IS_EMAIL),
        ("une phrase que je retiens", None),
    ],
)
def test_a_password_is_long_and_not_obvious(password, fault):
    assert password_error(password, "Prenom.Nom@exemple.fr") == fault


@pytest.mark.parametrize(
    ("password", "personal"),
    [
        ("samiabenali2026", True),
        ("Inès Müller-Roche!", False),
        ("Samia Benali 1985", True),
        ("sämia.bénali@exemple", True),
        ("Institut-Alma-35000", True),
        ("samia préfère les marées hautes", False),
        ("une phrase que je retiens", False),
    ],
)
def test_a_password_is_more_than_a_name(password, personal):
    words = words_in("Samia Benali", "samia@exemple.fr", "Institut Alma")
    assert is_personal(password, words) is personal


def test_who_has_a_key_alone_is_not_told_of_an_application():
    assert "application" in wrong_code_message(has_application=True)
    assert "application" not in wrong_code_message(has_application=False)
