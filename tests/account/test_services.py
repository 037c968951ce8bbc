"""Accounts on both stores."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portfolio.access.login import load_user_by_token
from portfolio.domain.account import use_cases
from portfolio.domain.account.models import Person
from portfolio.domain.account.rules import TokenPurpose
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import body_of
from tests import factories
from tests.factories import AT

LIFE = timedelta(hours=12)


@pytest.fixture
def samia(db):
    with db.transaction() as session:
        return factories.person(session, email="samia@exemple.fr")


def test_a_session_lives_until_it_is_ended(db, samia):
    with db.transaction() as session:
        token = use_cases.start_session(session, samia.id, LIFE, at=AT)
    with db.reader() as session:
        assert load_user_by_token(session, token, at=AT).name == samia.name
        assert load_user_by_token(session, token, at=AT + LIFE) is None
        assert load_user_by_token(session, token + "x", at=AT) is None
    with db.transaction() as session:
        use_cases.end_session(session, token, by=samia.id, at=AT)
    with db.reader() as session:
        assert load_user_by_token(session, token, at=AT) is None


def test_a_suspended_person_is_nobody_at_the_next_request(db, samia):
    with db.transaction() as session:
        token = use_cases.start_session(session, samia.id, LIFE, at=AT)
        session.get_one(Person, samia.id).suspended_at = AT
    with db.reader() as session:
        assert load_user_by_token(session, token, at=AT) is None


def test_a_link_works_once_and_ends_the_open_sessions(db, samia):
    with db.transaction() as session:
        old = use_cases.start_session(session, samia.id, LIFE, at=AT)
        link = use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=AT)
    with db.transaction() as session:
        assert use_cases.use_token(session, link, "hash", at=AT) == samia.id
    with db.transaction() as session:
        assert use_cases.use_token(session, link, "other", at=AT) is None
        assert load_user_by_token(session, old, at=AT) is None
        assert session.get_one(Person, samia.id).password_hash == "hash"


def test_each_invitation_of_a_person_opens_until_one_is_used(db):
    """Two bodies invite somebody new: the letter of the second does not close that of the first."""
    with db.transaction() as session:
        bodies = [factories.body(session), factories.body(session, "Second organisme")]
        for body in bodies:
            new = use_cases.invite(session, "neuve@exemple.fr", "Inès Neuve", body.id, by=None, at=AT, why="candidate")
        session.flush()
        mails = session.scalars(select(OutgoingEmail).where(OutgoingEmail.person_id == new.id))
        links = [re.search(r"/invitation/(\S+)", mail.text)[1] for mail in mails]
        assert [use_cases.find_token(session, link, at=AT) is None for link in links] == [False, False]
        assert use_cases.use_token(session, links[0], "hash", at=AT) == new.id
        session.flush()
        assert [use_cases.find_token(session, link, at=AT) is None for link in links] == [True, True]


def test_nobody_closes_the_link_of_someone_else_by_asking_for_another_one(db, samia):
    with db.transaction() as session:
        first = use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=AT)
        second = use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=AT)
        session.flush()
        assert use_cases.find_token(session, first, at=AT) is not None
        assert use_cases.use_token(session, first, "hash", at=AT) == samia.id
        assert use_cases.find_token(session, second, at=AT) is None, "a password was chosen: no other link works"


@pytest.mark.both
def test_two_links_of_one_person_opened_together_choose_one_password(db, samia):
    with db.transaction() as session:
        links = [use_cases.issue_token(session, samia.id, TokenPurpose.RESET, at=AT) for _ in range(4)]

    def use(link: str):
        with db.transaction() as session:
            return use_cases.use_token(session, link, "hash", at=AT)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(use, links)).count(samia.id) == 1


def test_an_invitation_carries_a_link_for_a_new_person_and_news_for_a_known_one(db, samia):
    with db.transaction() as session:
        body = factories.body(session)
        new = use_cases.invite(session, " Neuve@Exemple.fr", "Inès Neuve", body.id, by=None, at=AT, why="candidate")
        known = use_cases.invite(session, "samia@exemple.fr", "autre nom", body.id, by=None, at=AT, why="advisor")
        session.flush()
        letters = {mail.person_id: body_of(mail, "http://ici") for mail in session.scalars(select(OutgoingEmail))}
    assert known.id == samia.id
    assert known.name == samia.name
    assert "http://ici/invitation/" in letters[new.id]
    assert "invitation/" not in letters[samia.id]
    assert new.email == "neuve@exemple.fr"


def test_asking_a_reset_for_a_stranger_sends_nothing(db):
    with db.transaction() as session:
        use_cases.send_reset_link(session, "personne@exemple.fr", at=AT)
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 0


def test_the_second_certifier_joins_the_same_body(db):
    with db.transaction() as session:
        use_cases.create_certifier(session, "un@exemple.fr", "Un", "Institut", "Paris", at=AT)
        use_cases.create_certifier(session, "deux@exemple.fr", "Deux", "Institut", "", at=AT)
        use_cases.create_certifier(session, "deux@exemple.fr", "Deux", "Institut", "", at=AT)
        from portfolio.domain.account.models import CertifyingBody, CertifyingBodyMember

        assert session.scalar(select(func.count()).select_from(CertifyingBody)) == 1
        assert session.scalar(select(func.count()).select_from(CertifyingBodyMember)) == 2


@pytest.mark.both
def test_two_who_invite_the_same_address_at_once_invite_one_person(db):
    with db.transaction() as session:
        body = factories.body(session).id

    def invited(name: str):
        with db.transaction() as session:
            found = use_cases.invite(session, "neuve@exemple.fr", name, body, by=None, at=AT, why="advisor")
            everyone_looked.wait(5)
            return found.id

    everyone_looked = threading.Event()
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(invited, f"Inès {number}") for number in range(4)]
        time.sleep(0.5)  # the first has written and holds its row, the others have looked and wait for it
        everyone_looked.set()
        people = {one.result(timeout=20) for one in waiting}
    assert len(people) == 1
    with db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Person).where(Person.email == "neuve@exemple.fr")) == 1
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == 4
