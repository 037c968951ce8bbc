"""Holds, requests for erasure, erasures with the files they take, and the clocks as lists sort them."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.care import DERIVED, care, no_fact
from portfolio.db.engine import REPEATED_KEY, Base, UuidPrimaryKey, enum_column
from portfolio.domain.retention.rules import DataKind, Ground, LegalGround, Periods

_DEFAULT = Periods()


class RetentionSettings(Base):
    """Periods for which a body keeps each kind of data; a body without a row keeps the defaults."""

    __tablename__ = "retention_settings"
    __care__ = no_fact("a setting of a body, which changes")

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"), primary_key=True)
    appeal_months: Mapped[int] = mapped_column(default=_DEFAULT.appeal_months)
    drafts_months: Mapped[int] = mapped_column(default=_DEFAULT.drafts_months)
    sealed_months: Mapped[int] = mapped_column(default=_DEFAULT.sealed_months)
    inactive_months: Mapped[int] = mapped_column(default=_DEFAULT.inactive_months)
    notice_days: Mapped[int] = mapped_column(default=_DEFAULT.notice_days)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]

    def to_value(self) -> Periods:
        """Hand the periods to the rules."""
        return Periods(
            self.appeal_months, self.drafts_months, self.sealed_months, self.inactive_months, self.notice_days
        )


class LegalHold(UuidPrimaryKey, Base):
    """A member of the body keeps a dossier from being erased, for a reason, until somebody ends it for a reason."""

    __tablename__ = "legal_hold"
    __care__ = no_fact("a pause of the clocks, which ends", not_exported="told on the page of the person's data")
    __table_args__ = (CheckConstraint("trim(reason) <> ''", name="has_reason"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    placed_at: Mapped[datetime]
    placed_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    end_reason: Mapped[str] = mapped_column(Text, default="")


class ErasureRequest(UuidPrimaryKey, Base):
    """A candidate asks for the erasure of a dossier (article 17 of the GDPR), and what the body answers."""

    __tablename__ = "erasure_request"
    __care__ = no_fact("what an erasure takes from the ledger is in `ledger_erasure`", is_emptied=True)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), index=True)
    message: Mapped[str] = mapped_column(Text, default="")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    is_accepted: Mapped[bool | None] = mapped_column(info=care(kept="the proof of the answer"))
    ground: Mapped[LegalGround | None] = mapped_column(
        enum_column(LegalGround, "ground"), info=care(kept="the proof of the answer")
    )
    answer: Mapped[str] = mapped_column(Text, default="")


class ErasedFile(Base):
    """A file that an erasure takes from the store; no row keeps it any more, even one that still bears its key."""

    __tablename__ = "erased_file"
    __care__ = no_fact("files that an erasure takes", not_exported="of the store", kept="names the files to delete")

    file: Mapped[str] = mapped_column(String(200), primary_key=True, info={REPEATED_KEY: True})
    erasure_id: Mapped[UUID] = mapped_column(ForeignKey("erasure.id"), index=True)
    deleted_at: Mapped[datetime | None]


class ErasedRow(UuidPrimaryKey, Base):
    """The order to blank the words of one guarded row; the database carries it out itself (`db/append_only.py`).

    Written once.
    """

    __tablename__ = "erased_row"
    __care__ = no_fact("what an erasure takes from the ledger is in `ledger_erasure`", is_append_only=True)
    __table_args__ = (UniqueConstraint("row_id"),)

    table_name: Mapped[str] = mapped_column(String(60))
    row_id: Mapped[UUID]
    # What takes the place of the bytes of a manifest: what its minutes refer to, without a word of the
    # candidate.
    replacement: Mapped[bytes | None] = mapped_column(LargeBinary)
    erased_at: Mapped[datetime]


class RetentionClock(Base):
    """The clock of one kind of data of a candidacy, as lists sort it; computed again every night by the rules."""

    __tablename__ = "retention_clock"
    __care__ = DERIVED
    __table_args__ = (Index("ix_retention_clock_list", "body_id", "due_on", "candidacy_id", "kind"),)

    candidacy_id: Mapped[UUID] = mapped_column(ForeignKey("candidacy.id"), primary_key=True)
    kind: Mapped[DataKind] = mapped_column(enum_column(DataKind, "kind"), primary_key=True)
    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    ground: Mapped[Ground] = mapped_column(enum_column(Ground, "ground"))
    since: Mapped[date | None]
    due_on: Mapped[date]
    is_held: Mapped[bool]
    # When the candidate was told that the end comes; told again when the day moves.
    noticed_at: Mapped[datetime | None]
    noticed_due_on: Mapped[date | None]
