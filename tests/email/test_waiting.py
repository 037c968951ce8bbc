"""Check which letters wait for a person: the count says of every letter what the rule in words says."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import product
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import LoginSession, Person
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.rules import MAX_TRIES, SLOW_AFTER, DeliveryFailure
from portfolio.domain.email.use_cases import EmailTemplate
from portfolio.screens.certifier.letters.queries import count_waiting
from tests import factories
from tests.factories import AT

pytestmark = pytest.mark.slow


class Reader(StrEnum):
    """Whom a letter is written to."""

    WITHOUT_ACCOUNT = "without_account"
    INVITED = "invited"
    WITH_PASSWORD = "with_password"
    CHOSE_ONE_ONCE = "chose_one_once"
    LOGGED_IN_ONCE = "logged_in_once"


@dataclass(frozen=True)
class Case:
    """A letter, its reader, and what came after it."""

    reader: Reader
    kind: EmailTemplate | None
    is_replaced: bool
    is_stuck: str
    has_left: str


CASES = [
    Case(*values)
    for values in product(
        Reader,
        (EmailTemplate.INVITATION, EmailTemplate.NEWS, EmailTemplate.RESET, None),
        (False, True),
        ("", "slow", "tries", "failure"),
        ("", "sent", "handed over"),
    )
]


def waits(case: Case, *, is_alone: bool, has_server: bool) -> bool:
    """Say whether a letter waits for a person."""
    if case.has_left or case.kind is EmailTemplate.RESET:
        return False
    if has_server and not case.is_stuck:
        return False
    has_reader = case.reader is not Reader.WITHOUT_ACCOUNT
    has_opened = has_reader and case.reader is not Reader.INVITED
    is_useless = case.kind is EmailTemplate.INVITATION and has_opened
    return not (is_alone and is_useless)


@pytest.mark.parametrize("is_alone", [True, False])
def test_a_letter_is_counted_when_it_waits_for_a_person_and_only_then(db: Database, is_alone: bool) -> None:
    with db.transaction() as session:
        body = factories.body(session)
        if not is_alone:
            factories.body(session, "Un autre institut")
        for case in CASES:
            with session.begin_nested() as letter:
                write(session, case, body.id)
                for has_server in (False, True):
                    number = count_waiting(session, body.id, has_server=has_server, at=AT)
                    assert number == waits(case, is_alone=is_alone, has_server=has_server), case
                letter.rollback()


def write(session: Session, case: Case, body_id: UUID) -> None:
    """Write the letter of a case, with its reader and what came after it."""
    person = None if case.reader is Reader.WITHOUT_ACCOUNT else reader(session, case.reader)
    session.add(
        OutgoingEmail(
            body_id=body_id,
            person_id=person.id if person else None,
            to_email="qui@exemple.fr",
            kind=case.kind,
            subject="Bonjour",
            text="Bonjour.",
            created_at=AT - SLOW_AFTER - timedelta(minutes=1) if case.is_stuck == "slow" else AT,
            attempts=MAX_TRIES if case.is_stuck == "tries" else 0,
            failure=DeliveryFailure.REFUSED if case.is_stuck == "failure" else None,
            sent_at=AT if case.has_left == "sent" else None,
            handed_over_at=AT if case.has_left == "handed over" else None,
        )
    )
    if case.is_replaced:  # another body invited since: both links open an account, and both letters wait
        session.add(
            OutgoingEmail(
                person_id=person.id if person else None,
                to_email="qui@exemple.fr",
                kind=EmailTemplate.INVITATION,
                subject="Bonjour",
                text="Bonjour.",
                created_at=AT + timedelta(hours=1),
            )
        )
    session.flush()


def reader(session: Session, kind: Reader) -> Person:
    """Return a person who opened their account, or did not."""
    person = Person(email="qui@exemple.fr", name="Qui", created_at=AT)
    person.password_hash = "x" if kind is Reader.WITH_PASSWORD else None
    session.add(person)
    session.flush()
    if kind is Reader.CHOSE_ONE_ONCE:
        session.add(
            AuditEvent(
                actor_id=person.id,
                action="password_chosen",
                object_kind="person",
                object_id=person.id,
                details={},
                occurred_at=AT,
            )
        )
    if kind is Reader.LOGGED_IN_ONCE:
        session.add(
            LoginSession(token_digest=b"x" * 32, person_id=person.id, started_at=AT, expires_at=AT + timedelta(hours=1))
        )
    return person
