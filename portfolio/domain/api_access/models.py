"""Tokens of programs, their calls, the answers that a repeated call gets again, the references of others, and the
addresses that are told of events.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.credentials import Credential
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.account.models import CertifyingBody, Person
from portfolio.domain.api_access.rules import DeliveryState, EventType

_ACCESS = no_fact("access of a program, which changes and expires", not_exported="opens the data of a body")
_KEPT = replace(_ACCESS, kept="access of a body, made by one of its members")


class ApiToken(UuidPrimaryKey, Base):
    """A token that a member made for a program of their body."""

    __tablename__ = "api_token"
    __care__ = _KEPT
    __credential__ = Credential(person=("made_by",), body=("body_id",), ended="revoked_at")
    __table_args__ = (Index("ix_api_token_body_id", "body_id", "made_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    name: Mapped[str] = mapped_column(String(100))
    # The part of the token that people may read, and the digest of the whole.
    visible: Mapped[str] = mapped_column(String(8))
    token_digest: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=care(secret=True))
    scopes: Mapped[list[str]] = mapped_column(JSON(none_as_null=True))
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    # The token that this one renews: both open the references of the first of them.
    twin_of: Mapped[UUID | None] = mapped_column(ForeignKey("api_token.id"), index=True)
    namespace: Mapped[UUID]
    # The nearest bound, in days before the end, of which its maker was written.
    warned_days: Mapped[int | None]
    body: Mapped[CertifyingBody] = relationship()
    maker: Mapped[Person] = relationship()


class ApiCall(Base):
    """One call of a program: which operation, which object, which answer; never what was sent."""

    __tablename__ = "api_call"
    __care__ = _ACCESS
    __table_args__ = (Index("ix_api_call_token_id", "token_id", "called_at"),)

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_token.id"))
    called_at: Mapped[datetime] = mapped_column(index=True)
    operation: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[str] = mapped_column(String(60), default="")
    status: Mapped[int]
    milliseconds: Mapped[int]


class ApiAnswer(Base):
    """The answer given to a call that names itself; the same call gets it again and does nothing."""

    __tablename__ = "api_answer"
    __care__ = _ACCESS

    token_id: Mapped[UUID] = mapped_column(ForeignKey("api_token.id"), primary_key=True)
    nonce: Mapped[str] = mapped_column(String(100), primary_key=True)
    request_digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    status: Mapped[int]
    answer: Mapped[str] = mapped_column(Text)
    answered_at: Mapped[datetime] = mapped_column(index=True)


class CandidacyReference(Base):
    """The name that a program of the body gives a candidacy."""

    __tablename__ = "candidacy_reference"
    __care__ = no_fact("how another program names a candidacy")
    __table_args__ = (UniqueConstraint("namespace", "reference"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    namespace: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(100))


class Webhook(UuidPrimaryKey, Base):
    """An address that is told of events of a body."""

    __tablename__ = "webhook"
    __care__ = _KEPT
    __credential__ = Credential(person=("made_by",), body=("body_id",), ended="stopped_at")
    __table_args__ = (Index("ix_webhook_body_id", "body_id", "made_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    url: Mapped[str] = mapped_column(String(500))
    event_types: Mapped[list[str]] = mapped_column(JSON(none_as_null=True))
    # Encrypted under the key of the installation: each message is signed with it.
    secret: Mapped[bytes] = mapped_column(LargeBinary(300), info=care(secret=True))
    former_secret: Mapped[bytes | None] = mapped_column(LargeBinary(300), info=care(secret=True))
    former_until: Mapped[datetime | None]
    made_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    made_at: Mapped[datetime]
    # The last number given to an event of this address.
    last_seq: Mapped[int] = mapped_column(BigInteger, default=0)
    # When its first waiting event is tried; while a worker sends, the end of its lease.
    next_at: Mapped[datetime] = mapped_column(index=True)
    failing_since: Mapped[datetime | None]
    stopped_at: Mapped[datetime | None]
    maker: Mapped[Person] = relationship()


class WebhookDelivery(UuidPrimaryKey, Base):
    """One event for one address: its identity is that of the message, whatever the number of tries."""

    __tablename__ = "webhook_delivery"
    __care__ = no_fact("an event on its way to a program, without any text", not_exported="names objects of a body")
    __table_args__ = (Index("ix_webhook_delivery_webhook_id", "webhook_id", "state", "seq"),)

    webhook_id: Mapped[UUID] = mapped_column(ForeignKey("webhook.id"))
    event_type: Mapped[EventType] = mapped_column(enum_column(EventType, "event_type"))
    # Where the API gives the object, below its own address.
    path: Mapped[str] = mapped_column(String(120))
    occurred_at: Mapped[datetime]
    # Its place among the events of its address, given when it is first about to be sent.
    seq: Mapped[int | None] = mapped_column(BigInteger)
    state: Mapped[DeliveryState] = mapped_column(enum_column(DeliveryState, "state"), default=DeliveryState.WAITING)
    tries: Mapped[int] = mapped_column(default=0)
    tried_at: Mapped[datetime | None]
    # The status of the last answer; none when nobody answered, or the address is one that is not called.
    last_status: Mapped[int | None]
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
