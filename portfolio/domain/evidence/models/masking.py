"""What a candidate masks in a file, which files only they read, and which files are flattened copies."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, ForeignKey, exists
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey
from portfolio.domain.evidence.models.evidence import EvidenceFile


class PageMask(UuidPrimaryKey, Base):
    """A rectangle painted over a page, in thousandths of its width and height."""

    __tablename__ = "page_mask"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), index=True)
    page: Mapped[int]
    left: Mapped[int]
    top: Mapped[int]
    width: Mapped[int]
    height: Mapped[int]


class PrivateFile(Base):
    """A version that nobody but the candidate reads: something is masked in it, or a flattened copy replaces
    it.
    """

    __tablename__ = "private_file"

    file_id: Mapped[UUID] = mapped_column(
        ForeignKey("evidence_file.id", ondelete="CASCADE"), primary_key=True
    )
    since: Mapped[datetime]


class FlattenedFile(Base):
    """A version made of the pictures of another one, with its masks painted over."""

    __tablename__ = "flattened_file"

    file_id: Mapped[UUID] = mapped_column(
        ForeignKey("evidence_file.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"), index=True)
    masks: Mapped[int]


def is_private() -> ColumnElement[bool]:
    """Return the condition: only the candidate reads the version of the row."""
    return exists().where(PrivateFile.file_id == EvidenceFile.id).correlate(EvidenceFile)
