"""Identities of OpenID providers: which account each opens, and how a person links one to their own.

An identity is known by its issuer and subject. The address that a provider gives opens and links nothing,
verified or not: a person proves that an account is theirs by what already opens it (their password and second
factor, or their invitation), in the browser in which they signed in by the provider. No account is made here.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.domain.account.models import AccountToken, LinkedIdentity, Person, ProviderLogin, ProviderSession
from portfolio.domain.account.rules import TokenPurpose, is_live, token_hash
from portfolio.domain.audit_log.use_cases import record_event
from portfolio.domain.email.use_cases import EmailTemplate, queue_email

# From the click to the answer of the provider, then from the answer to the proof of the account.
LOGIN_LIFE, PROOF_LIFE = timedelta(minutes=15), timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Started:
    """A sign-in that begins: what goes to the provider. `state` is kept by the browser alone."""

    state: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Answered:
    """A sign-in whose answer has been taken, once."""

    nonce: str
    code_verifier: str
    person_id: UUID | None
    invitation_digest: bytes | None


@dataclass(frozen=True, slots=True)
class ProvenIdentity:
    """An identity that its provider has confirmed."""

    provider: str
    issuer: str
    subject: str
    label: str


@dataclass(frozen=True, slots=True)
class IdentitySummary:
    """An identity in the list of its owner."""

    id: UUID
    provider: str
    label: str
    linked_at: datetime
    last_used_at: datetime | None


def start(
    session: Session, provider: str, *, at: datetime, person_id: UUID | None = None, invitation: str | None = None
) -> Started:
    """Begin a sign-in; those whose time is over are deleted."""
    session.execute(delete(ProviderLogin).where(ProviderLogin.expires_at < at))
    started = Started(secrets.token_urlsafe(32), secrets.token_urlsafe(32), secrets.token_urlsafe(48))
    session.add(
        ProviderLogin(
            state_digest=token_hash(started.state),
            provider=provider,
            nonce=started.nonce,
            code_verifier=started.code_verifier,
            started_at=at,
            expires_at=at + LOGIN_LIFE,
            person_id=person_id,
            invitation_digest=token_hash(invitation) if invitation else None,
        )
    )
    return started


def find_started(session: Session, state: str, *, at: datetime) -> tuple[str, Started] | None:
    """Return the provider and the values of a sign-in that waits for its answer."""
    row = session.get(ProviderLogin, token_hash(state))
    if row is None or not is_live(row.expires_at, row.answered_at, at):
        return None
    return row.provider, Started(state, row.nonce, row.code_verifier)


def take_answer(session: Session, state: str, provider: str, *, at: datetime) -> Answered | None:
    """Take the answer to a sign-in, once: of two at a time one passes.

    None when it was taken, is too late or never began.
    """
    waiting = (
        ProviderLogin.state_digest == token_hash(state), ProviderLogin.provider == provider,
        ProviderLogin.answered_at.is_(None), ProviderLogin.expires_at > at,
    )  # fmt: skip
    columns = (
        ProviderLogin.nonce,
        ProviderLogin.code_verifier,
        ProviderLogin.person_id,
        ProviderLogin.invitation_digest,
    )
    row = session.execute(update(ProviderLogin).where(*waiting).values(answered_at=at).returning(*columns)).first()
    return Answered(*row) if row else None


def keep_answer(session: Session, state: str, identity: ProvenIdentity, id_token: bytes, *, at: datetime) -> None:
    """Keep what the provider answered until the person has proved which account is theirs; `id_token` is encrypted."""
    row = session.get_one(ProviderLogin, token_hash(state))
    row.issuer, row.subject, row.label = identity.issuer, identity.subject, identity.label
    row.id_token, row.expires_at = id_token, at + PROOF_LIFE


def find_answer(session: Session, state: str, *, at: datetime) -> ProvenIdentity | None:
    """Return the identity that waits for its account; None when there is none, or its time is over."""
    row = session.get(ProviderLogin, token_hash(state))
    if row is None or row.expires_at <= at or row.issuer is None or row.subject is None:
        return None
    return ProvenIdentity(row.provider, row.issuer, row.subject, row.label or "")


def find_owner(session: Session, issuer: str, subject: str) -> Person | None:
    """Return whose account an identity opens."""
    known = (LinkedIdentity.issuer == issuer, LinkedIdentity.subject == subject)
    return session.scalar(select(Person).join(LinkedIdentity, LinkedIdentity.person_id == Person.id).where(*known))


def link(session: Session, person_id: UUID, identity: ProvenIdentity, *, at: datetime) -> bool:
    """Let an identity open the account of a person, and tell them; return False when it opens another account."""
    person = session.get_one(Person, person_id, with_for_update=True)
    owner = find_owner(session, identity.issuer, identity.subject)
    if owner is not None:
        return owner.id == person_id
    row = LinkedIdentity(person_id=person_id, linked_at=at, provider=identity.provider, issuer=identity.issuer)
    row.subject, row.label = identity.subject, identity.label
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # another account was faster
        return False
    record_event(session, "identity_linked", ("person", person_id), by=person_id, at=at, provider=identity.provider)
    _notify(session, person, "identity_linked", identity.label, at)
    return True


def list_identities(session: Session, person_id: UUID) -> tuple[IdentitySummary, ...]:
    """List the identities that open an account, the oldest first."""
    rows = session.scalars(
        select(LinkedIdentity).where(LinkedIdentity.person_id == person_id).order_by(LinkedIdentity.linked_at).limit(50)
    )
    return tuple(IdentitySummary(row.id, row.provider, row.label, row.linked_at, row.last_used_at) for row in rows)


def unlink(session: Session, person_id: UUID, identity_id: UUID, *, at: datetime) -> bool:
    """Stop an identity from opening the account of a person, and tell them; their password, or a mailed link,
    still does.
    """
    person = session.get_one(Person, person_id, with_for_update=True)
    row = session.scalar(
        select(LinkedIdentity).where(LinkedIdentity.id == identity_id, LinkedIdentity.person_id == person_id)
    )
    if row is None:
        return False
    session.delete(row)
    record_event(session, "identity_unlinked", ("person", person_id), by=person_id, at=at, provider=row.provider)
    _notify(session, person, "identity_unlinked", row.label, at)
    return True


def accept_invitation(
    session: Session, digest: bytes, identity: ProvenIdentity, password_hash: str, *, at: datetime
) -> UUID | None:
    """Link an identity to the person of a live invitation, which then ends; None when it has ended, or the
    identity is another's.

    `password_hash` is that of a password that nobody knows: the person chooses one, when they want to, by a
    mailed link.
    """
    ticket = session.get(AccountToken, digest)
    if ticket is not None:  # two answers to one invitation pass one after the other
        session.get_one(Person, ticket.person_id, with_for_update=True)
        session.refresh(ticket)
    if ticket is None or ticket.purpose is not TokenPurpose.INVITATION or ticket.person.suspended_at:
        return None
    if not is_live(ticket.expires_at, ticket.used_at, at) or not link(session, ticket.person_id, identity, at=at):
        return None
    ticket.used_at = at
    ticket.person.password_hash = ticket.person.password_hash or password_hash
    facts = {"provider": identity.provider}
    record_event(session, "invitation_accepted", ("person", ticket.person_id), by=ticket.person_id, at=at, **facts)
    return ticket.person_id


def record_use(session: Session, issuer: str, subject: str, *, at: datetime) -> None:
    """Keep when an identity last opened its account."""
    known = (LinkedIdentity.issuer == issuer, LinkedIdentity.subject == subject)
    session.execute(update(LinkedIdentity).where(*known).values(last_used_at=at))


def open_provider_session(session: Session, state: str, token: str) -> None:
    """Give a new session of login the ID token of its sign-in, which then is over."""
    row = session.get(ProviderLogin, token_hash(state))
    if row is None or row.id_token is None:
        return
    session.flush()
    session.add(ProviderSession(token_digest=token_hash(token), provider=row.provider, id_token=row.id_token))
    session.delete(row)


def end_provider_session(session: Session, token: str) -> tuple[str, bytes] | None:
    """Return the provider that opened a session of login, and the encrypted ID token that ends it there;
    it is deleted.
    """
    known = ProviderSession.token_digest == token_hash(token)
    row = session.execute(
        delete(ProviderSession).where(known).returning(ProviderSession.provider, ProviderSession.id_token)
    ).first()
    return (row[0], row[1]) if row else None


def forget_answer(session: Session, state: str) -> None:
    """Delete a sign-in that is over."""
    session.execute(delete(ProviderLogin).where(ProviderLogin.state_digest == token_hash(state)))


def _notify(session: Session, person: Person, change: str, label: str, at: datetime) -> None:
    queue_email(session, person, EmailTemplate.ACCESS_CHANGED, at=at, name=person.name, change=change, label=label)
