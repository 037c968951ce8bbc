"""The audit log: one row for each use case, never changed, and a digest of each day of it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact, recorded
from portfolio.db.engine import Base, UuidPrimaryKey

# The verb of a page or an act that was refused.
DENIED = "access_denied"


class AuditEvent(Base):
    """Event of the audit log: actor, act, object and moment; details hold codes and numbers, no personal text."""

    __tablename__ = "audit_event"
    __care__ = no_fact(
        "the digest of each day of it is in `audit_digest`, from the night after",
        is_append_only=True,
        not_exported="read on the page of the dossier",
        kept="ids and codes, no word",
    )

    seq: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True)
    occurred_at: Mapped[datetime]
    actor_id: Mapped[UUID | None] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(60))
    object_id: Mapped[UUID | None] = mapped_column(index=True)
    details: Mapped[dict[str, Any]]


class AuditDigest(UuidPrimaryKey, Base):
    """The digest of the events of one day: those after the last one of the digest before, up to `last_seq`.

    Written once, the night after, and recorded by the ledger.
    """

    __tablename__ = "audit_digest"
    __care__ = recorded("empreinte d’un jour du journal")

    day: Mapped[date] = mapped_column(unique=True)
    last_seq: Mapped[int] = mapped_column(BigInteger, unique=True)
    event_count: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
