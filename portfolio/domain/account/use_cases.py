"""Use cases of accounts: logging in, links that invite or reset, certifying bodies."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.domain.account.credentials import AccountEvent, count_credentials, end_credentials
from portfolio.domain.account.models import AccountToken, CertifyingBody, CertifyingBodyMember, LoginSession, Person
from portfolio.domain.account.rules import RESET_LIFE, TokenPurpose, is_live, token_hash
from portfolio.domain.account.throttle import find_known_browser, normalise_email
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import EmailTemplate, queue_email

INVITATION_LIFE = timedelta(days=30)


@dataclass(frozen=True)
class Account:
    """Facts of a person that logging in needs."""

    person_id: UUID
    password_hash: str | None
    suspended: bool


@dataclass(frozen=True)
class TokenHolder:
    """A person behind a live link."""

    person_id: UUID
    name: str
    email: str
    # The certifying bodies that wrote to them: a password that holds these names is easy to guess.
    bodies: tuple[str, ...] = ()
    # Whether the link invites, rather than replaces a password.
    is_invited: bool = False


def find_account(session: Session, email: str) -> Account | None:
    """Return the account of this address, if there is one."""
    person = session.scalar(select(Person).where(Person.email == normalise_email(email)))
    return Account(person.id, person.password_hash, person.suspended_at is not None) if person else None


def start_session(session: Session, person_id: UUID, life: timedelta, *, at: datetime, browser: str = "") -> str:
    """Open a session of login and return its token; `browser` says in two words where it is used."""
    token = secrets.token_urlsafe(32)
    row = LoginSession(token_digest=token_hash(token), person_id=person_id, started_at=at, expires_at=at + life)
    row.browser, row.last_seen_at = browser[:120], at
    session.add(row)
    record_event(session, "logged_in", ("person", person_id), by=person_id, at=at)
    return token


def end_session(session: Session, token: str, *, by: UUID, at: datetime) -> None:
    """End one session of login; its token never works again."""
    session.execute(
        update(LoginSession)
        .where(LoginSession.token_digest == token_hash(token), LoginSession.ended_at.is_(None))
        .values(ended_at=at)
    )
    record_event(session, "logged_out", ("person", by), by=by, at=at)


def tell_of_new_device(session: Session, person_id: UUID, tokens: Sequence[str], *, browser: str, at: datetime) -> None:
    """Write to a person whose account is opened from a browser that it does not know, but for their very
    first session.
    """
    person = session.get_one(Person, person_id)
    has_been_here = session.scalar(
        select(LoginSession.token_digest).where(LoginSession.person_id == person_id).limit(1)
    )
    if has_been_here is not None and find_known_browser(session, tokens, person.email, at=at) is None:
        queue_email(session, person, EmailTemplate.NEW_DEVICE, at=at, name=person.name, browser=browser, moment=at)


def touch_session(session: Session, token: str, *, at: datetime) -> None:
    """Keep that the person of a session was seen now."""
    row = (LoginSession.token_digest == token_hash(token), LoginSession.ended_at.is_(None))
    session.execute(update(LoginSession).where(*row).values(last_seen_at=at))


def suspend(session: Session, email: str, *, at: datetime) -> Person | None:
    """Close an account at once: every credential of the person ends.

    None when there is no such account.
    """
    person = session.scalar(select(Person).where(Person.email == normalise_email(email)).with_for_update())
    if person is None:
        return None
    person.suspended_at = person.suspended_at or at
    record_event(session, "account_suspended", ("person", person.id), by=None, at=at)
    end_credentials(session, person.id, AccountEvent.SUSPENDED, by=None, at=at)
    return person


def reinstate(session: Session, email: str, *, at: datetime) -> Person | None:
    """Open a suspended account again, and write to its person so that they choose a new password; the old one
    is forgotten.
    """
    person = session.scalar(select(Person).where(Person.email == normalise_email(email)).with_for_update())
    if person is None:
        return None
    if person.suspended_at is not None:
        person.suspended_at, person.password_hash = None, None
        send_reset_link(session, person.email, at=at)
        record_event(session, "account_reinstated", ("person", person.id), by=None, at=at)
    return person


def issue_token(session: Session, person_id: UUID, purpose: TokenPurpose, *, at: datetime) -> str:
    """Make a single-use link for this person.

    Earlier ones still work until their time ends or one of them is used: two bodies invite one person, and neither
    closes the letter of the other; a stranger who asks for a new password closes no link before its owner opens it.
    """
    token = secrets.token_urlsafe(32)
    life = RESET_LIFE if purpose is TokenPurpose.RESET else INVITATION_LIFE
    session.add(
        AccountToken(
            token_digest=token_hash(token), person_id=person_id, purpose=purpose, created_at=at, expires_at=at + life
        )
    )
    return token


def revoke_tokens(session: Session, person_id: UUID, purpose: TokenPurpose, *, at: datetime) -> None:
    """End every unused link of a person that was sent for this purpose."""
    session.execute(
        update(AccountToken)
        .where(AccountToken.person_id == person_id, AccountToken.purpose == purpose, AccountToken.used_at.is_(None))
        .values(used_at=at)
    )


def find_token(session: Session, token: str, *, at: datetime) -> TokenHolder | None:
    """Return the person that this link was made for, if it still works."""
    ticket = session.get(AccountToken, token_hash(token))
    if ticket is None or ticket.person.suspended_at or not is_live(ticket.expires_at, ticket.used_at, at):
        return None
    bodies, is_invited = _load_bodies(session, ticket.person.id), ticket.purpose is TokenPurpose.INVITATION
    return TokenHolder(ticket.person.id, ticket.person.name, ticket.person.email, bodies, is_invited)


def _load_bodies(session: Session, person_id: UUID) -> tuple[str, ...]:
    wrote = select(OutgoingEmail.body_id).where(OutgoingEmail.person_id == person_id)
    acts_for = select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == person_id)
    names = select(CertifyingBody.name).where(CertifyingBody.id.in_(wrote) | CertifyingBody.id.in_(acts_for))
    return tuple(session.scalars(names.order_by(CertifyingBody.name).limit(20)).all())


def use_token(session: Session, token: str, password_hash: str, *, at: datetime) -> UUID | None:
    """Set the password that a link lets its person choose, once; None when the link no longer works.

    Every credential of a person who had a password ends: somebody else may know it.
    """
    ticket = session.get(AccountToken, token_hash(token))
    if ticket is not None:  # two links of one person, opened together, pass one after the other
        session.get_one(Person, ticket.person_id, with_for_update=True)
        session.refresh(ticket)
    if ticket is None or ticket.person.suspended_at or not is_live(ticket.expires_at, ticket.used_at, at):
        return None
    person_id, purpose, is_first = ticket.person_id, ticket.purpose, ticket.person.password_hash is None
    ticket.used_at = at
    ticket.person.password_hash = password_hash
    record_event(session, "password_chosen", ("person", person_id), by=person_id, at=at, purpose=purpose)
    if not is_first or count_credentials(session, person_id, at=at):
        end_credentials(session, person_id, AccountEvent.PASSWORD_RESET, by=person_id, at=at)
    return person_id


def send_reset_link(session: Session, email: str, *, at: datetime) -> None:
    """Send a link to choose a new password, if the account exists; say nothing either way."""
    person = session.scalar(select(Person).where(Person.email == normalise_email(email), Person.suspended_at.is_(None)))
    if person is None:
        return
    token = issue_token(session, person.id, TokenPurpose.RESET, at=at)
    queue_email(session, person, EmailTemplate.RESET, at=at, name=person.name, token=token)
    record_event(session, "reset_asked", ("person", person.id), by=None, at=at)


def find_or_create_person(session: Session, email: str, name: str, *, at: datetime) -> Person:
    """Return the person of this address, created without a password when they are new; two at once create one."""
    known = select(Person).where(Person.email == normalise_email(email))
    if person := session.scalar(known):
        return person
    try:
        with session.begin_nested():
            person = Person(email=normalise_email(email), name=name, created_at=at)
            session.add(person)
    except IntegrityError:  # someone invited the same address meanwhile, and was first
        return session.scalars(known).one()
    return person


def invite(
    session: Session, email: str, name: str, body_id: UUID, *, by: UUID | None, at: datetime, why: str = ""
) -> Person:
    """Find or create the person, and write to them: a link to choose a password, or news of what awaits them.

    `why` is a code the letter turns into a sentence: candidate, advisor, juror, certifier;
    path and follower where the route has no livret 2; advisors and followers of several candidacies.
    """
    person = find_or_create_person(session, email, name, at=at)
    body = session.get_one(CertifyingBody, body_id)
    # Nobody learns by an address the name that another body gave: the letter says the one that was typed.
    facts = {"name": name, "body": body.name, "why": why}
    if person.password_hash is None:
        token = issue_token(session, person.id, TokenPurpose.INVITATION, at=at)
        queue_email(session, person, EmailTemplate.INVITATION, at=at, body_id=body_id, token=token, **facts)
    else:
        queue_email(session, person, EmailTemplate.NEWS, at=at, body_id=body_id, **facts)
    record_event(session, "invited", ("person", person.id), by=by, at=at, why=why)
    return person


def create_certifier(session: Session, email: str, name: str, body_name: str, city: str, *, at: datetime) -> Person:
    """Give a certifying body a member, making the body when it is new."""
    body = session.scalar(select(CertifyingBody).where(CertifyingBody.name == body_name))
    if body is None:
        body = CertifyingBody(name=body_name, city=city, created_at=at)
        session.add(body)
        session.flush()
    person = invite(session, email, name, body.id, by=None, at=at, why="certifier")
    if session.get(CertifyingBodyMember, (body.id, person.id)) is None:
        session.add(CertifyingBodyMember(body_id=body.id, person_id=person.id))
    return person
