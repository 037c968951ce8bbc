"""Access records, kept for twelve months, and the alerts on bulk access."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import no_fact
from portfolio.db.engine import Base


class AccessRecord(Base):
    """Somebody opened the dossier of somebody else, or a file of it; once an hour and thing, however often."""

    __tablename__ = "access_record"
    __care__ = no_fact("a count of pages opened, forgotten after some days")
    __table_args__ = (
        UniqueConstraint("reader_id", "body_id", "subject_id", "resource_hash", "hour_bucket"),
        Index("ix_access_record_reader_body_at", "reader_id", "body_id", "at"),
        Index("ix_access_record_subject_body_at", "subject_id", "body_id", "at"),
    )

    seq: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    subject_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # A digest of which file; empty for the dossier itself.
    resource_hash: Mapped[str] = mapped_column(String(32))
    # Hours since 1970, in UTC.
    hour_bucket: Mapped[int]
    at: Mapped[datetime]


class BulkAccessAlert(Base):
    """Alert about an account that the members of a body received, once a day at most."""

    __tablename__ = "bulk_access_alert"
    __care__ = no_fact("an alert on pages opened")

    reader_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    # The day in Paris.
    day: Mapped[date] = mapped_column(primary_key=True)
    people: Mapped[int]
    files: Mapped[int]
    at: Mapped[datetime]
