"""People, the certifying bodies they act for, their sessions of login and their links."""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.credentials import Credential
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.rules import MemberRight, PasskeyPurpose, TokenPurpose

# What stands for the name of a person of whom no decision keeps the name.
NO_NAME = "Personne effacée"
# No mail is sent to this domain: `.invalid` is reserved (RFC 2606).
NO_ADDRESS = "efface-{id}@efface.invalid"


ACCESS = no_fact("access to an account, which changes and expires")
SECRET_ACCESS = replace(ACCESS, not_exported="opens an account")


class Person(UuidPrimaryKey, Base):
    """Someone who can log in; what they may do comes from their links, never from a role here."""

    __tablename__ = "person"
    __care__ = no_fact(
        "an account, which changes; acts copy the names that they certify",
        not_exported="exported as the account",
        is_emptied=True,
    )

    email: Mapped[str] = mapped_column(String(254), unique=True, info=care(erased_as=NO_ADDRESS))
    name: Mapped[str] = mapped_column(String(200), info=care(erased_as=NO_NAME))
    password_hash: Mapped[str | None] = mapped_column(String(200), info=care(secret=True))
    created_at: Mapped[datetime]
    suspended_at: Mapped[datetime | None]


_HAS_NO_PASSWORD = Person.password_hash.is_(None)
Index("ix_person_no_password", Person.id, sqlite_where=_HAS_NO_PASSWORD, postgresql_where=_HAS_NO_PASSWORD)


class CertifyingBody(UuidPrimaryKey, Base):
    """An organisation that owns certifications, opens candidacies and composes juries."""

    __tablename__ = "certifying_body"
    __care__ = no_fact("a body; certificates and signatures copy the name that they certify")

    name: Mapped[str] = mapped_column(String(300))
    city: Mapped[str] = mapped_column(String(200), default="")
    # Its SIRET, fourteen digits: how the register names its certifiers.
    siret: Mapped[str | None] = mapped_column(String(14))
    created_at: Mapped[datetime]


class CertifyingBodyMember(Base):
    """A person who acts for a certifying body."""

    __tablename__ = "certifying_body_member"
    __care__ = replace(ACCESS, not_exported="rights over a body", kept="members of a body: their account is not erased")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    # What the member may do; those named before rights were asked may do everything.
    member_right: Mapped[MemberRight | None] = mapped_column(enum_column(MemberRight, "member_right"))
    # Of a reader: the tasks given, each with the certifications it is limited to (`tasks_of`).
    tasks: Mapped[dict[str, list[str]] | None] = mapped_column(JSON(none_as_null=True))
    added_at: Mapped[datetime | None]
    body: Mapped[CertifyingBody] = relationship()


class LoginSession(Base):
    """A session of login, known by the digest of a random token; ended, it never lives again."""

    __tablename__ = "login_session"
    __care__ = ACCESS
    __credential__ = Credential(person=("person_id",), ended="ended_at")

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=care(secret=True))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    # The browser and system as the request named them, in two words; empty for sessions begun before it was
    # kept.
    browser: Mapped[str] = mapped_column(String(120), default="", server_default="")
    # When the person last did something, to the nearest few minutes; None until then.
    last_seen_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class AccountToken(Base):
    """A link that lets one person choose a password, once."""

    __tablename__ = "account_token"
    __care__ = SECRET_ACCESS
    __credential__ = Credential(person=("person_id",), ended="used_at")

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    purpose: Mapped[TokenPurpose] = mapped_column(enum_column(TokenPurpose, "purpose"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    person: Mapped[Person] = relationship()


class LoginAttempt(Base):
    """A try counted by the throttle: for what it aimed at, existing or not, and for the network address it came from.

    Both are digests; a row lives one hour at most. A try of a known browser or a signature has no address.
    """

    __tablename__ = "login_attempt"
    __care__ = ACCESS
    __table_args__ = (
        Index("ix_login_attempt_account_at", "account_digest", "attempted_at"),
        Index("ix_login_attempt_address_at", "address_digest", "attempted_at"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    account_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    address_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    attempted_at: Mapped[datetime]


class KnownBrowser(Base):
    """A browser in which a person has logged in, known by the digest of a random token; it has its own
    count of tries.
    """

    __tablename__ = "known_browser"
    __care__ = ACCESS
    __credential__ = Credential(person=("person_id",))

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True, info=care(secret=True))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    known_at: Mapped[datetime]


class IdempotencyKey(Base):
    """A form that has already had its effect, and where it led; a second click goes there too."""

    __tablename__ = "idempotency_key"
    __care__ = no_fact("the receipt of a form, so that a form sent twice is done once")
    __table_args__ = (UniqueConstraint("nonce"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    nonce: Mapped[str] = mapped_column(String(100))
    redirect_to: Mapped[str] = mapped_column(String(500))
    created_at: Mapped[datetime]


class SecondFactor(UuidPrimaryKey, Base):
    """The authenticator application of a person: what they have beside what they know.

    It counts once confirmed by a code.
    """

    __tablename__ = "second_factor"
    __care__ = SECRET_ACCESS

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    # Encrypted under the key of the installation: a copy of the database alone makes no code.
    secret: Mapped[bytes] = mapped_column(LargeBinary(300))
    created_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    # The period of the last code accepted: no code serves twice.
    last_period: Mapped[int] = mapped_column(default=0)


class RecoveryCode(UuidPrimaryKey, Base):
    """A code that replaces the application once, kept as a digest."""

    __tablename__ = "recovery_code"
    __care__ = SECRET_ACCESS
    __table_args__ = (UniqueConstraint("person_id", "code_digest"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    code_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class EmailChange(Base):
    """A link, sent to a new address, that makes it the address of a person."""

    __tablename__ = "email_change"
    __care__ = SECRET_ACCESS
    __credential__ = Credential(person=("person_id",), ended="used_at")

    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    email: Mapped[str] = mapped_column(String(254))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class LinkedIdentity(UuidPrimaryKey, Base):
    """An identity of an OpenID provider that opens the account of a person, known by issuer and subject,
    never by an address.
    """

    __tablename__ = "linked_identity"
    __care__ = ACCESS
    __table_args__ = (UniqueConstraint("issuer", "subject"),)

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    provider: Mapped[str] = mapped_column(String(30))
    issuer: Mapped[str] = mapped_column(String(300))
    subject: Mapped[str] = mapped_column(String(255))
    # The name and address that the provider gave, for its owner to recognise it; nothing is decided from it.
    label: Mapped[str] = mapped_column(String(300))
    linked_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class ProviderLogin(Base):
    """A sign-in by an OpenID provider that is under way, known by the digest of its state; its answer is taken once."""

    __tablename__ = "provider_login"
    __care__ = SECRET_ACCESS
    __credential__ = Credential(person=("person_id",))

    state_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    nonce: Mapped[str] = mapped_column(String(64))
    code_verifier: Mapped[str] = mapped_column(String(128))
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime] = mapped_column(index=True)
    answered_at: Mapped[datetime | None]
    # Who asked, connected, to link the identity; or the invitation that the identity answers.
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    invitation_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    # What the provider answered, while the person proves which account is theirs.
    issuer: Mapped[str | None] = mapped_column(String(300))
    subject: Mapped[str | None] = mapped_column(String(255))
    label: Mapped[str | None] = mapped_column(String(300))
    id_token: Mapped[bytes | None] = mapped_column(LargeBinary)


class ProviderSession(Base):
    """The ID token of a session of login opened by a provider: it closes the session there too. Encrypted."""

    __tablename__ = "provider_session"
    __care__ = SECRET_ACCESS

    token_digest: Mapped[bytes] = mapped_column(ForeignKey("login_session.token_digest"), primary_key=True)
    provider: Mapped[str] = mapped_column(String(30))
    id_token: Mapped[bytes] = mapped_column(LargeBinary)


class Passkey(UuidPrimaryKey, Base):
    """A key of a device or security key of a person; only its public half is here."""

    __tablename__ = "passkey"
    __care__ = ACCESS

    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    # The standard allows 1,023 bytes.
    credential_id: Mapped[bytes] = mapped_column(LargeBinary(1023), unique=True, info=care(secret=True))
    public_key: Mapped[bytes] = mapped_column(LargeBinary(2000), info=care(secret=True))
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    # Whether the device verified its user (fingerprint, PIN) when the key was made: it then has to each time.
    verifies_user: Mapped[bool]
    is_synced: Mapped[bool]
    transports: Mapped[str] = mapped_column(String(100), default="")
    added_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class PasskeyChallenge(Base):
    """Challenge that a passkey signs, once, for one person and one purpose; kept as a digest for a few minutes."""

    __tablename__ = "passkey_challenge"
    __care__ = SECRET_ACCESS
    __credential__ = Credential(person=("person_id",))

    challenge_digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    purpose: Mapped[PasskeyPurpose] = mapped_column(enum_column(PasskeyPurpose, "passkey_purpose"))
    expires_at: Mapped[datetime] = mapped_column(index=True)
