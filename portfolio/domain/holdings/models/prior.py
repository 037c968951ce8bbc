"""Rows of what people held before this product was used: read in a spreadsheet, confirmed, then written
once.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.certification.models import Block


class HolderImport(UuidPrimaryKey, Base):
    """A spreadsheet of holders that waits for a person to confirm it; its lines stay as they were typed."""

    __tablename__ = "holder_import"
    __table_args__ = (Index("ix_holder_import_body_id", "body_id", "created_at"),)

    body_id: Mapped[UUID] = mapped_column(ForeignKey("certifying_body.id"))
    name: Mapped[str] = mapped_column(Text)
    # The cells of each line under the names of the template, with the number of the line.
    lines: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    # Confirmed or dropped, when and by whom.
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    recorded: Mapped[int] = mapped_column(default=0)


class HolderImportFile(UuidPrimaryKey, Base):
    """A proof that came with a spreadsheet of holders."""

    __tablename__ = "holder_import_file"
    __table_args__ = (Index("ix_holder_import_file_import_id", "import_id"),)

    import_id: Mapped[UUID] = mapped_column(ForeignKey("holder_import.id"))
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))


class PriorHolding(UuidPrimaryKey, Base):
    """A block that a person held before this product was used, with the proof that someone of the certifier
    verified (R2 b).
    """

    __tablename__ = "prior_holding"
    __table_args__ = (
        Index("ix_prior_holding_person_id", "person_id"),
        Index("ix_prior_holding_import_id", "import_id"),
        Index("ix_prior_holding_block_id", "block_id"),
        CheckConstraint("trim(proof_reference) <> ''", name="has_reference"),
    )

    import_id: Mapped[UUID] = mapped_column(ForeignKey("holder_import.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    block_id: Mapped[UUID] = mapped_column(ForeignKey("block.id"))
    # As the certificate of before names its holder.
    holder_name: Mapped[str] = mapped_column(Text)
    born_on: Mapped[date | None]
    obtained_on: Mapped[date]
    # The number of the certificate of before; empty where it has none.
    number: Mapped[str] = mapped_column(Text, default="")
    # Whether the certificate is that of the whole certification, whose blocks are all written.
    is_whole: Mapped[bool]
    proof_reference: Mapped[str] = mapped_column(Text)
    valid_until: Mapped[date | None]
    verified_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    verified_at: Mapped[datetime]
    # Several holdings of one import may share a file.
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
    block: Mapped[Block] = relationship()

    @property
    def reference(self) -> str:
        """How documents and sentences name it."""
        return reference_of(self.id, self.obtained_on)

    @property
    def shown_number(self) -> str:
        """The number of the certificate of before, or the reference where it has none."""
        return self.number or self.reference


def reference_of(holding_id: UUID, obtained_on: date) -> str:
    """Return the reference of a holding of before."""
    return f"ANT-{obtained_on:%Y%m%d}-{holding_id.hex[:10].upper()}"


class PriorHoldingEnd(UuidPrimaryKey, Base):
    """A rectification: this holding was written by mistake, and counts no more (R12).

    Written once; it edits nothing.
    """

    __tablename__ = "prior_holding_end"
    __table_args__ = (
        UniqueConstraint("holding_id"),
        CheckConstraint("trim(reason) <> ''", name="has_reason"),
    )

    holding_id: Mapped[UUID] = mapped_column(ForeignKey("prior_holding.id"))
    reason: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date]
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    file_key: Mapped[str] = mapped_column(String(80))
    file_name: Mapped[str] = mapped_column(Text)
    file_mime: Mapped[str] = mapped_column(String(200))
    file_size: Mapped[int] = mapped_column(BigInteger)
    file_sha256: Mapped[str] = mapped_column(String(64))
