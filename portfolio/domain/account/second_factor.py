"""The second factor: codes of an authenticator application (RFC 6238), and recovery codes when it is lost.

A code serves once. Tries are counted for the person over every process and every way in: ten in ten minutes. Only those
who have given the right password reach this count, so a stranger cannot use it up.

Encryption of what an account keeps, under the key of the installation: a copy of the database alone reads none of it.
"""

import base64
import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pyotp
from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from portfolio.domain.account.credentials import AccountEvent, end_credentials
from portfolio.domain.account.models import Passkey, PasskeyChallenge, Person, RecoveryCode, SecondFactor
from portfolio.domain.account.throttle import Attempt, refund_attempt, register_code_attempt
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email


def encrypt(text: str, key: str, purpose: str) -> bytes:
    """Return a text encrypted for one purpose."""
    return _fernet(key, purpose).encrypt(text.encode())


def decrypt(secret: bytes, key: str, purpose: str) -> str | None:
    """Return the text; None when it was encrypted under another key of the installation."""
    try:
        return _fernet(key, purpose).decrypt(secret).decode()
    except InvalidToken:
        return None


def _fernet(key: str, purpose: str) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"{purpose} {key}".encode()).digest()))


ISSUER = "Acquis"
PERIOD_SECONDS = 30
# A phone may be one period early or late.
DRIFT_PERIODS = 1
RECOVERY_CODES, RECOVERY_BYTES = 10, 10
# How long a prepared secret that is not confirmed is shown; a person who saw an earlier one does not know the
# one that counts.
PREPARED_LIFE = timedelta(hours=1)
PURPOSE = "second factor"
_CODE = re.compile(r"\d{6}")


def has_second_factor(session: Session, person_id: UUID) -> bool:
    """Return whether a person has a confirmed authenticator application or a passkey."""
    return has_application(session, person_id) or has_passkeys(session, person_id)


def has_application(session: Session, person_id: UUID) -> bool:
    """Return whether a person confirmed an authenticator application."""
    query = select(SecondFactor.id).where(SecondFactor.person_id == person_id, SecondFactor.confirmed_at.is_not(None))
    return session.scalar(query) is not None


def has_passkeys(session: Session, person_id: UUID) -> bool:
    """Return whether a person has a passkey."""
    return session.scalar(select(Passkey.id).where(Passkey.person_id == person_id).limit(1)) is not None


def prepare(session: Session, person_id: UUID, key: str, *, at: datetime) -> str:
    """Return the secret to give to an application, made now or within the hour; it counts only once a
    code confirms it.
    """
    session.get_one(Person, person_id, with_for_update=True)
    if kept := find_prepared(session, person_id, key, at=at):
        return kept
    row = _find(session, person_id)
    if row is not None and row.confirmed_at is not None:
        raise ValueError("a confirmed second factor is removed before another one is prepared")
    if row is not None:
        session.delete(row)
        session.flush()
    secret = pyotp.random_base32()
    session.add(SecondFactor(person_id=person_id, secret=encrypt(secret, key, PURPOSE), created_at=at))
    return secret


def find_prepared(session: Session, person_id: UUID, key: str, *, at: datetime) -> str | None:
    """Return the secret prepared within the hour and not confirmed; None without one."""
    row = _find(session, person_id)
    if row is None or row.confirmed_at is not None or at - row.created_at > PREPARED_LIFE:
        return None
    return decrypt(row.secret, key, PURPOSE)


def provisioning_uri(secret: str, email: str) -> str:
    """Return the address that an application reads in a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)


def confirm(session: Session, person_id: UUID, code: str, key: str, *, at: datetime) -> tuple[str, ...] | None:
    """Make the application count, and return the recovery codes, shown this once; None when the code is wrong."""
    person = session.get_one(Person, person_id, with_for_update=True)
    row = _find(session, person_id)
    if row is None or row.confirmed_at is not None or not _accept(session, row, code, key, at):
        return None
    row.confirmed_at = at
    record_event(session, "second_factor_added", ("person", person_id), by=person_id, at=at)
    queue_email(session, person, EmailTemplate.SECOND_FACTOR, at=at, name=person.name, added=True, has_other=False)
    return renew_recovery_codes(session, person_id, at=at)


def renew_recovery_codes(session: Session, person_id: UUID, *, at: datetime) -> tuple[str, ...]:
    """Replace the recovery codes of a person and return the new ones; the former ones serve no more."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = tuple(_readable(secrets.token_bytes(RECOVERY_BYTES)) for _ in range(RECOVERY_CODES))
    session.add_all(RecoveryCode(person_id=person_id, code_digest=_digest(code), created_at=at) for code in codes)
    return codes


def count_recovery_codes(session: Session, person_id: UUID) -> int:
    """Return how many recovery codes a person has left."""
    unused = (RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
    return session.scalar(select(func.count()).select_from(RecoveryCode).where(*unused)) or 0


def register_attempt(session: Session, person_id: UUID, *, at: datetime) -> Attempt:
    """Count one code before it is looked at; simultaneous tries count too."""
    return register_code_attempt(session, person_id, at=at)


def verify(session: Session, person_id: UUID, code: str, key: str, attempt: Attempt, *, at: datetime) -> bool:
    """Return whether a code of the application, or a recovery code, is right; it serves no more.

    A right one is not counted.
    """
    row = _find(session, person_id, lock=True)
    is_code = row is not None and row.confirmed_at is not None and _accept(session, row, code, key, at)
    is_right = is_code or _use_recovery_code(session, person_id, code, at)
    if is_right:
        refund_attempt(session, attempt)
    else:
        record_event(session, "second_factor_failed", ("person", person_id), by=person_id, at=at)
    return is_right


def remove_application(session: Session, person_id: UUID, *, by: UUID | None, at: datetime, but: str = "") -> bool:
    """Remove the authenticator application of a person and tell them; return whether there was one.

    Their passkeys stay; their credentials end, but the session of the token `but`.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    row = _find(session, person_id)
    if row is None:
        return False
    was_confirmed = row.confirmed_at is not None
    session.delete(row)
    session.flush()
    delete_unneeded_codes(session, person_id)
    if was_confirmed:
        record_event(session, "second_factor_removed", ("person", person_id), by=by, at=at)
        facts: dict[str, Any] = {"added": False, "has_other": has_passkeys(session, person_id)}
        queue_email(session, person, EmailTemplate.SECOND_FACTOR, at=at, name=person.name, **facts)
        end_credentials(session, person_id, AccountEvent.FACTOR_REMOVED, by=by, at=at, but=but)
    return was_confirmed


def remove_all(session: Session, person_id: UUID, *, by: UUID | None, at: datetime) -> bool:
    """Remove application, passkeys and recovery codes of a person who lost them, and tell them; return
    whether there were any.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    had_any = has_second_factor(session, person_id)
    for table in (SecondFactor, Passkey, PasskeyChallenge, RecoveryCode):
        session.execute(delete(table).where(table.person_id == person_id))
    if had_any:
        record_event(session, "second_factor_removed", ("person", person_id), by=by, at=at)
        facts: dict[str, Any] = {"added": False, "has_other": False}
        queue_email(session, person, EmailTemplate.SECOND_FACTOR, at=at, name=person.name, **facts)
        end_credentials(session, person_id, AccountEvent.FACTOR_REMOVED, by=by, at=at)
    return had_any


def delete_unneeded_codes(session: Session, person_id: UUID) -> None:
    """Delete the recovery codes of a person who has no second factor any more."""
    if not has_second_factor(session, person_id):
        session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))


def _find(session: Session, person_id: UUID, *, lock: bool = False) -> SecondFactor | None:
    query = select(SecondFactor).where(SecondFactor.person_id == person_id)
    return session.scalar(query.with_for_update() if lock else query)


def _accept(session: Session, row: SecondFactor, code: str, key: str, at: datetime) -> bool:
    """Return whether a code is that of a period near now and later than the last one accepted; keep its period."""
    typed = re.sub(r"\s", "", code)
    secret = decrypt(row.secret, key, PURPOSE)
    if secret is None or not _CODE.fullmatch(typed):
        return False
    totp, now = pyotp.TOTP(secret), int(at.timestamp()) // PERIOD_SECONDS
    near = range(now - DRIFT_PERIODS, now + DRIFT_PERIODS + 1)
    # Every period is compared, whichever is right: the time taken tells nothing.
    right = [period for period in near if secrets.compare_digest(totp.at(period * PERIOD_SECONDS), typed)]
    if not right:
        return False
    later = (SecondFactor.id == row.id, SecondFactor.last_period < right[-1])
    query = update(SecondFactor).where(*later).values(last_period=right[-1]).returning(SecondFactor.id)
    return session.execute(query).first() is not None


def _use_recovery_code(session: Session, person_id: UUID, code: str, at: datetime) -> bool:
    digest = _digest(code)
    unused = (RecoveryCode.person_id == person_id, RecoveryCode.code_digest == digest, RecoveryCode.used_at.is_(None))
    used = session.execute(update(RecoveryCode).where(*unused).values(used_at=at).returning(RecoveryCode.id)).first()
    if used is not None:
        record_event(session, "recovery_code_used", ("person", person_id), by=person_id, at=at)
    return used is not None


def _readable(raw: bytes) -> str:
    """Return 80 random bits as four groups of four letters and digits."""
    text = base64.b32encode(raw).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _digest(code: str) -> bytes:
    plain = re.sub(r"[^a-z0-9]", "", code.casefold())
    return hashlib.sha256(f"recovery {plain}".encode()).digest()
