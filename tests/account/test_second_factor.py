"""The second factor: a code serves once, ten tries are all, and nobody who lost their phone is locked out for good."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pyotp
import pytest
from sqlalchemy import select

from portfolio.db.engine import Database
from portfolio.domain.account import second_factor
from portfolio.domain.account.models import Passkey, SecondFactor
from portfolio.domain.audit_log.models import AuditEvent
from portfolio.domain.email.models import OutgoingEmail
from portfolio.on_commit import open_database
from tests import factories
from tests.account.four_processes import four_processes
from tests.factories import AT

KEY = "clé de l’installation"


def _confirmed(db: Database):
    with db.transaction() as session:
        person = factories.person(session)
        secret = second_factor.prepare(session, person.id, KEY, at=AT)
        codes = second_factor.confirm(session, person.id, pyotp.TOTP(secret).at(AT), KEY, at=AT)
    assert codes
    return person.id, pyotp.TOTP(secret), codes


def _verify(db: Database, person_id, code: str, at=AT + timedelta(minutes=5)) -> bool | None:
    """Return whether a code is right; None when it was not looked at."""
    with db.transaction() as session:
        attempt = second_factor.register_attempt(session, person_id, at=at)
    if attempt.wait:
        return None
    with db.transaction() as session:
        return second_factor.verify(session, person_id, code, KEY, attempt, at=at)


def test_a_code_serves_once_and_a_later_one_serves(db: Database):
    person_id, totp, _ = _confirmed(db)
    later = AT + timedelta(minutes=5)
    assert _verify(db, person_id, totp.at(later)) is True
    assert _verify(db, person_id, totp.at(later)) is False, "the same code again"
    assert _verify(db, person_id, totp.at(later + timedelta(seconds=30)), later + timedelta(seconds=30)) is True
    assert _verify(db, person_id, totp.at(later + timedelta(hours=1))) is False, "a code of another hour"


def test_the_code_that_confirmed_the_application_opens_nothing(db: Database):
    person_id, totp, _ = _confirmed(db)
    assert _verify(db, person_id, totp.at(AT), AT) is False


def test_ten_wrong_codes_are_all_and_the_wait_ends(db: Database):
    person_id, totp, _ = _confirmed(db)
    at = AT + timedelta(minutes=5)
    assert [_verify(db, person_id, "000000", at) for _ in range(10)] == [False] * 10
    assert _verify(db, person_id, totp.at(at), at) is None
    after = at + timedelta(minutes=11)
    assert _verify(db, person_id, totp.at(after), after) is True


@pytest.mark.both
def test_four_processes_that_try_a_thousand_codes_have_ten_looked_at_at_most(db: Database, database_url: str):
    person_id, totp, _ = _confirmed(db)
    with four_processes() as pool:
        looked_at = pool.starmap(try_250_codes, [(database_url, person_id.hex, process) for process in range(4)])
    assert 0 < sum(looked_at) <= 10
    at = AT + timedelta(minutes=5)
    assert _verify(db, person_id, totp.at(at), at) is None, "the right code waits too"
    with db.reader() as session:
        throttled = select(AuditEvent).where(AuditEvent.action == "second_factor_throttled")
        assert len(session.scalars(throttled).all()) == 1, "a flood of codes writes one line in the audit log"


def try_250_codes(url: str, person_id: str, process: int) -> int:
    """Try codes that are wrong, four at once; answer how many were looked at."""
    database = open_database(url)

    def is_looked_at(number: int) -> bool:
        return _verify(database, UUID(person_id), f"wrong{process * 250 + number:04}") is not None

    with ThreadPoolExecutor(4) as pool:
        looked_at = sum(pool.map(is_looked_at, range(250)))
    database.engine.dispose()
    return looked_at


@pytest.mark.records("recovery_code_used")
def test_a_recovery_code_opens_once_however_it_is_typed(db: Database):
    person_id, _, codes = _confirmed(db)
    assert len(set(codes)) == 10
    assert _verify(db, person_id, codes[3].upper().replace("-", " ")) is True
    assert _verify(db, person_id, codes[3]) is False
    with db.reader() as session:
        assert second_factor.count_recovery_codes(session, person_id) == 9


def test_the_secret_is_not_readable_in_the_database_and_its_owner_is_told(db: Database):
    person_id, totp, _ = _confirmed(db)
    with db.reader() as session:
        row = session.scalars(select(SecondFactor)).one()
        assert totp.secret.encode() not in row.secret
        subjects = session.scalars(select(OutgoingEmail.subject).where(OutgoingEmail.person_id == person_id)).all()
        assert subjects == ["Double authentification ajoutée à votre compte"]
    with db.transaction() as session:
        attempt = second_factor.register_attempt(session, person_id, at=AT)
        assert not second_factor.verify(
            session, person_id, totp.at(AT + timedelta(hours=1)), "autre clé", attempt, at=AT
        )


def test_a_wrong_first_code_confirms_nothing(db: Database):
    with db.transaction() as session:
        person = factories.person(session)
        second_factor.prepare(session, person.id, KEY, at=AT)
        assert second_factor.confirm(session, person.id, "123456", KEY, at=AT - timedelta(days=400)) is None
        assert not second_factor.has_second_factor(session, person.id)


def test_an_application_removed_leaves_passkeys_and_recovery_codes(db: Database):
    person_id, _, codes = _confirmed(db)
    with db.transaction() as session:
        key = Passkey(
            person_id=person_id, name="téléphone", credential_id=b"k", public_key=b"p", sign_count=0, added_at=AT
        )
        key.verifies_user = key.is_synced = False
        session.add(key)
    with db.transaction() as session:
        assert second_factor.remove_application(session, person_id, by=person_id, at=AT)
    with db.reader() as session:
        assert second_factor.has_second_factor(session, person_id)
        assert not second_factor.has_application(session, person_id)
    assert _verify(db, person_id, codes[0]) is True


@pytest.mark.records("second_factor_added", "second_factor_failed", "second_factor_removed")
def test_a_second_factor_removed_no_longer_counts(db: Database):
    person_id, _, codes = _confirmed(db)
    with db.transaction() as session:
        assert second_factor.remove_all(session, person_id, by=None, at=AT)
        assert not second_factor.has_second_factor(session, person_id)
        assert second_factor.count_recovery_codes(session, person_id) == 0
    assert _verify(db, person_id, codes[0]) is False
