"""Changes that a person makes to their own account while connected: name, address, password; the sessions they end."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.domain.account.credentials import AccountEvent, end_credentials
from portfolio.domain.account.models import EmailChange, LoginSession, Person
from portfolio.domain.account.rules import RESET_LIFE, AccountRefusal, is_live, token_hash
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email, send_again_to
from portfolio.errors import Refusal

MAX_SESSIONS = 50


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session of login that is still open, as its owner sees it."""

    id: str
    browser: str
    started_at: datetime
    last_seen_at: datetime
    is_this_one: bool


def list_sessions(session: Session, person_id: UUID, token: str, *, at: datetime) -> tuple[OpenSession, ...]:
    """List the open sessions of a person, the last used first."""
    live = (LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > at)
    rows = session.scalars(
        select(LoginSession).where(*live).order_by(LoginSession.started_at.desc()).limit(MAX_SESSIONS)
    )
    own = token_hash(token)
    found = [
        OpenSession(
            row.token_digest.hex(),
            row.browser,
            row.started_at,
            row.last_seen_at or row.started_at,
            row.token_digest == own,
        )
        for row in rows
    ]
    return tuple(
        sorted(found, key=lambda open_session: (not open_session.is_this_one, -open_session.last_seen_at.timestamp()))
    )


def end_one_session(session: Session, person_id: UUID, session_id: str, *, at: datetime) -> bool:
    """End one session of a person; return whether it was open."""
    try:
        digest = bytes.fromhex(session_id)
    except ValueError:
        return False
    row = (LoginSession.token_digest == digest, LoginSession.person_id == person_id, LoginSession.ended_at.is_(None))
    ended = session.execute(
        update(LoginSession).where(*row).values(ended_at=at).returning(LoginSession.person_id)
    ).first()
    if ended is not None:
        record_event(session, "session_ended", ("person", person_id), by=person_id, at=at)
    return ended is not None


def end_other_sessions(session: Session, person_id: UUID, token: str, *, at: datetime) -> int:
    """End every session of a person but the one of this token; return how many were open."""
    rows = (
        LoginSession.person_id == person_id, LoginSession.ended_at.is_(None), LoginSession.expires_at > at,
        LoginSession.token_digest != token_hash(token),
    )  # fmt: skip
    ended = session.execute(
        update(LoginSession).where(*rows).values(ended_at=at).returning(LoginSession.token_digest)
    ).all()
    record_event(session, "other_sessions_ended", ("person", person_id), by=person_id, at=at, sessions=len(ended))
    return len(ended)


def change_profile(session: Session, person_id: UUID, values: Mapping[str, Any], *, at: datetime) -> None:
    """Change fields of an account. What bodies typed, and what is certified, keep their own copy."""
    person = session.get_one(Person, person_id, with_for_update=True)
    for name, value in values.items():
        setattr(person, name, value)
    record_event(session, "account_renamed", ("person", person_id), by=person_id, at=at)


def change_password(session: Session, person_id: UUID, password_hash: str, token: str, *, at: datetime) -> None:
    """Change a password: every credential of the person ends, but the session of this token."""
    person = session.get_one(Person, person_id, with_for_update=True)
    person.password_hash = password_hash
    record_event(session, "password_changed", ("person", person_id), by=person_id, at=at)
    end_credentials(session, person_id, AccountEvent.PASSWORD_CHANGED, by=person_id, at=at, but=token)


def ask_email_change(session: Session, person_id: UUID, email: str, *, at: datetime) -> None:
    """Send a link to the new address of a person.

    An address that has an account is told nothing, and gets no link.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    wanted = normalise_email(email)
    record_event(session, "email_change_asked", ("person", person_id), by=person_id, at=at)
    if session.scalar(select(Person.id).where(Person.email == wanted)) is not None:
        return
    _end_email_changes(session, person_id, at=at)
    token = secrets.token_urlsafe(32)
    session.add(
        EmailChange(
            token_digest=token_hash(token), person_id=person_id, email=wanted, created_at=at, expires_at=at + RESET_LIFE
        )
    )
    mail = queue_email(session, person, EmailTemplate.EMAIL_CHANGE, at=at, name=person.name, token=token)
    mail.person_id, mail.to_email, mail.is_sensitive = None, wanted, True


def confirm_email_change(session: Session, person_id: UUID, token: str, *, at: datetime) -> bool:
    """Give a person the address that its link was sent to; return whether the link still worked.

    The former address is told.
    """
    row = session.get(EmailChange, token_hash(token))
    if row is None or row.person_id != person_id or not is_live(row.expires_at, row.used_at, at):
        return False
    row.used_at = at
    change_email(session, person_id, row.email, by=person_id, at=at)
    return True


def change_email(session: Session, person_id: UUID, email: str, *, by: UUID, at: datetime) -> None:
    """Give an account another address, and tell the former one. Raise Refusal when another account has it."""
    person = session.get_one(Person, person_id, with_for_update=True)
    wanted = normalise_email(email)
    if wanted == person.email:
        return
    mail = queue_email(session, person, EmailTemplate.EMAIL_CHANGED, at=at, name=person.name, email=wanted)
    mail.person_id, mail.to_email = None, person.email
    try:
        with session.begin_nested():
            person.email = wanted
    except IntegrityError:
        raise Refusal(AccountRefusal.EMAIL_TAKEN) from None
    send_again_to(session, person_id)
    _end_email_changes(session, person_id, at=at)
    record_event(session, "email_changed", ("person", person_id), by=by, at=at)


def _end_email_changes(session: Session, person_id: UUID, *, at: datetime) -> None:
    unused = (EmailChange.person_id == person_id, EmailChange.used_at.is_(None))
    session.execute(update(EmailChange).where(*unused).values(used_at=at))
