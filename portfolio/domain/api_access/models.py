"""Tokens of programs, their calls, the answers that a repeated call gets again, and the references of others."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import care, no_fact
from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.account.models import CertifyingBody, Person

_ACCESS = no_fact("access of a program, which changes and expires", not_exported="opens the data of a body")
_KEPT = replace(_ACCESS, kept="access of a body, made by one of its members")


class ApiToken(UuidPrimaryKey, Base):
    """A token that a member made for a program of their body."""

    __tablename__ = "api_token"
    __care__ = _KEPT
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
