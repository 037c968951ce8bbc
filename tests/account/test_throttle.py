"""Check that who guesses passwords is slowed down, whatever the number of processes; nobody is locked out by a
stranger.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from portfolio.domain.account.models import KnownBrowser, LoginAttempt
from portfolio.domain.account.rules import (
    ADDRESS_TRIES,
    KNOWN_BROWSER_LIFE,
    KNOWN_BROWSERS,
    LATER_ADDRESS_TRIES,
    OWN_RESET_LETTERS,
    RESET_LETTERS,
    RESET_LIFE,
    RESET_WINDOW,
    SPRAY_ACCOUNTS,
    SPRAY_TRIES,
    TRIES,
    TRIES_WINDOW,
)
from portfolio.domain.account.throttle import (
    Origin,
    count_spraying_addresses,
    delete_browsers,
    know_browser,
    refund_attempt,
    register_login_attempt,
    register_reset_request,
    register_signature_attempt,
)
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.on_commit import open_database
from tests import factories
from tests.account.four_processes import four_processes
from tests.factories import AT

pytestmark = pytest.mark.both

EMAIL = "samia@exemple.fr"
STRANGER, HOME = "203.0.113.7", "198.51.100.4"
ZERO = timedelta(0)


@pytest.fixture
def samia(db):
    with db.transaction() as session:
        return factories.person(session, email=EMAIL)


def tried(db, address=STRANGER, *, email=EMAIL, tokens=(), at=AT):
    with db.transaction() as session:
        return register_login_attempt(session, email, Origin(address, tuple(tokens), "key"), at=at)


def known(db, person, tokens=(), at=AT):
    with db.transaction() as session:
        return know_browser(session, person.id, tokens, at=at)


@pytest.mark.slow
def test_the_owner_enters_while_a_stranger_tries_four_passwords_a_second(db, samia):
    effective = 0
    for number in range(200):
        at = AT + timedelta(seconds=number / 4)
        effective += tried(db, at=at).wait == ZERO
        if number % 60 == 50:
            owner = tried(db, HOME, at=at)
            assert owner.wait == ZERO, "from a browser never used before, elsewhere"
            with db.transaction() as session:
                refund_attempt(session, owner)
    assert effective == ADDRESS_TRIES


def test_four_processes_that_try_a_thousand_passwords_have_ten_tries_at_most(db, database_url, samia):
    began = time.monotonic()
    with four_processes() as pool:
        allowed = pool.starmap(try_250_times, [(database_url, number) for number in range(4)])
    assert 0 < sum(allowed) <= TRIES
    assert time.monotonic() - began < 120
    with db.reader() as session:
        refused = select(AuditEvent).where(AuditEvent.action == "login_throttled")
        assert len(session.scalars(refused).all()) == 1, "a flood of tries writes one line in the audit log"


def try_250_times(url: str, process: int) -> int:
    """Try from addresses that no other process uses, four at once; answer how many tries were allowed."""
    database = open_database(url)

    def once(number: int) -> bool:
        return tried(database, f"203.0.113.{process * 4 + number % 4}").wait == ZERO

    with ThreadPoolExecutor(4) as pool:
        allowed = sum(pool.map(once, range(250)))
    database.engine.dispose()
    return allowed


def test_simultaneous_tries_of_one_address_all_count(db, samia):
    with ThreadPoolExecutor(20) as pool:
        allowed = [attempt.wait == ZERO for attempt in pool.map(lambda _: tried(db), range(40))]
    assert sum(allowed) == ADDRESS_TRIES


def test_an_unknown_account_is_counted_like_a_known_one(db):
    for _ in range(ADDRESS_TRIES):
        assert tried(db, email="personne@exemple.fr").wait == ZERO
    assert tried(db, email="PERSONNE@exemple.fr ").wait == TRIES_WINDOW
    assert tried(db, email="personne@exemple.fr", at=AT + TRIES_WINDOW).wait == ZERO


def test_a_browser_used_before_keeps_its_own_count_while_strangers_have_used_up_the_others(db, samia):
    mine = known(db, samia)
    for number in range(20):
        tried(db, f"203.0.113.{number}")
    assert tried(db, "192.0.2.99").wait > ZERO, "strangers of many addresses have used the ten tries"
    for _ in range(TRIES):
        assert tried(db, STRANGER, tokens=mine).wait == ZERO
    assert tried(db, STRANGER, tokens=mine).wait == TRIES_WINDOW


def test_the_cookie_of_a_browser_counts_for_its_own_account_only(db, samia):
    with db.transaction() as session:
        other = factories.person(session, email="karim@exemple.fr")
    his = known(db, other)
    for _ in range(ADDRESS_TRIES):
        tried(db, tokens=his)
    assert tried(db, tokens=his).wait > ZERO
    assert tried(db, tokens=["x" * 43]).wait > ZERO


def test_a_token_is_replaced_at_each_login_and_kept_as_a_digest(db, samia):
    [first] = known(db, samia)
    [second] = known(db, samia, [first])
    assert first != second
    with db.reader() as session:
        [kept] = session.scalars(select(KnownBrowser)).all()
        assert len(kept.token_digest) == 32
        assert second.encode() not in kept.token_digest
    for _ in range(ADDRESS_TRIES):
        tried(db, tokens=[first])
    assert tried(db, tokens=[first]).wait > ZERO, "the older token counts for nothing"
    assert tried(db, tokens=[second]).wait == ZERO


def test_two_people_who_share_a_browser_are_both_known_there(db, samia):
    with db.transaction() as session:
        other = factories.person(session, email="karim@exemple.fr")
    both = known(db, other, known(db, samia))
    for number in range(20):
        tried(db, f"203.0.113.{number}")
        tried(db, f"203.0.113.{number}", email="karim@exemple.fr")
    assert tried(db, tokens=both).wait == tried(db, email="karim@exemple.fr", tokens=both).wait == ZERO


def test_a_browser_is_forgotten_after_a_year_with_a_new_password_or_ten_later_ones(db, samia):
    [first] = known(db, samia)
    for _ in range(ADDRESS_TRIES):
        tried(db, at=AT + KNOWN_BROWSER_LIFE)
    assert tried(db, tokens=[first], at=AT + KNOWN_BROWSER_LIFE).wait > ZERO
    for number in range(KNOWN_BROWSERS + 2):
        known(db, samia, at=AT + timedelta(days=number + 1))
    with db.transaction() as session:
        assert session.scalar(select(func.count()).select_from(KnownBrowser)) == KNOWN_BROWSERS
        delete_browsers(session, samia.id)
        assert session.scalar(select(func.count()).select_from(KnownBrowser)) == 0


def test_one_address_that_tries_many_accounts_is_slowed_down_and_its_neighbours_enter(db):
    """Some people of a classroom, fewer than those whom a sprayed password aims at."""
    for number in range(SPRAY_TRIES):
        assert tried(db, email=f"{number // 2}@exemple.fr").wait == ZERO
    waits = [tried(db, email="autre@exemple.fr").wait for _ in range(LATER_ADDRESS_TRIES + 1)]
    assert [wait == ZERO for wait in waits] == [True] * LATER_ADDRESS_TRIES + [False]
    assert tried(db, email="voisine@exemple.fr").wait == ZERO, "a classroom has one address"
    assert tried(db, HOME, email="autre@exemple.fr").wait == ZERO


def test_a_try_that_was_right_gives_back_no_other_one(db, samia):
    for _ in range(ADDRESS_TRIES - 1):
        tried(db)
    right = tried(db)
    with db.transaction() as session:
        refund_attempt(session, right)
    assert tried(db).wait == ZERO
    assert tried(db).wait > ZERO


def test_tries_to_log_in_never_stop_a_signature_and_each_session_has_its_own(db, samia):
    def signed(token: str):
        with db.transaction() as session:
            return register_signature_attempt(session, samia.id, token, at=AT).wait

    for number in range(20):
        tried(db, f"203.0.113.{number}")
    assert [signed("here") for _ in range(TRIES)] == [ZERO] * TRIES
    assert signed("here") == TRIES_WINDOW
    assert signed("another session") == ZERO
    assert tried(db, "192.0.2.1", email="karim@exemple.fr").wait == ZERO


def test_a_letter_box_is_not_flooded_and_a_link_is_always_there(db, samia):
    def asked(address: str, at, tokens=()):
        with db.transaction() as session:
            return register_reset_request(session, EMAIL, Origin(address, tuple(tokens), "key"), at=at).wait == ZERO

    moments = [AT + timedelta(minutes=7 * number) for number in range(60)]
    letters = [at for number, at in enumerate(moments) if asked(f"203.0.113.{number % 200}", at)]
    assert len(letters) <= 7 * RESET_LETTERS + 1
    for at in moments:
        alive = [sent + RESET_LIFE - at for sent in letters if sent <= at]
        assert max(alive) >= RESET_LIFE - RESET_WINDOW, "a link works for an hour more at least"
    end = moments[-1]
    mine = known(db, samia, at=end)
    assert [asked(HOME, end, mine) for _ in range(OWN_RESET_LETTERS + 1)] == [True] * OWN_RESET_LETTERS + [False]


@pytest.mark.records("reset_throttled")
def test_one_address_has_one_letter_sent_to_each_account_once_it_asked_for_many(db):
    def asked(address: str, email: str = "") -> bool:
        with db.transaction() as session:
            return (
                register_reset_request(
                    session, email or f"{uuid4()}@exemple.fr", Origin(address, (), "key"), at=AT
                ).wait
                == ZERO
            )

    assert sum(asked(STRANGER, EMAIL) for _ in range(4)) == RESET_LETTERS
    assert all(asked(STRANGER) for _ in range(SPRAY_TRIES))
    assert [asked(STRANGER, "autre@exemple.fr") for _ in range(3)] == [True, False, False]
    assert asked(HOME)
    with db.transaction() as session:
        samia = factories.person(session, email=EMAIL)
        mine = know_browser(session, samia.id, (), at=AT)
        origin = Origin(STRANGER, mine, "key")
        assert register_reset_request(session, EMAIL, origin, at=AT).wait == ZERO, (
            "a known browser is not stopped by its neighbours"
        )


@pytest.mark.records("login_sprayed")
def test_one_password_tried_on_a_hundred_and_twenty_accounts_is_slowed_and_told(db, samia, caplog):
    """From one address, one try each second: the neighbour whose browser is known enters all the while."""
    mine = known(db, samia)
    moments = [AT + timedelta(seconds=number) for number in range(120)]
    allowed = [tried(db, at=at, email=f"{number}@exemple.fr").wait == ZERO for number, at in enumerate(moments)]
    assert all(allowed[:SPRAY_ACCOUNTS])
    assert sum(allowed[SPRAY_ACCOUNTS:]) == 1, "one try a minute"
    with db.transaction() as session:
        assert register_login_attempt(session, EMAIL, Origin(STRANGER, mine, "key"), at=moments[-1]).wait == ZERO
        assert count_spraying_addresses(session) == 1
        told = select(func.count()).select_from(AuditEvent).where(AuditEvent.action == "login_sprayed")
        assert session.scalar(told) == 1
    assert "aimed at 20 accounts" in caplog.text


def test_the_audit_log_holds_no_address_that_was_typed(db, samia):
    for email in (EMAIL, "inconnue@exemple.fr"):
        for _ in range(ADDRESS_TRIES + 3):
            tried(db, email=email)
    with db.reader() as session:
        lines = session.scalars(select(AuditEvent).where(AuditEvent.action == "login_throttled")).all()
    assert [line.object_id for line in lines] == [samia.id, None]
    written = repr([line.details for line in lines])
    assert "exemple.fr" not in written
    assert STRANGER not in written


def test_counts_are_forgotten_after_an_hour(db):
    for number in range(5):
        tried(db, email=f"{number}@exemple.fr")
    tried(db, at=AT + RESET_WINDOW + timedelta(seconds=1))
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(LoginAttempt)) == 1
