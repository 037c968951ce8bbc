"""The work of one juror before the deliberation: the exhibits opened, and private notes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.jury.rules.reading import NoteKind


class ExhibitOpening(UuidPrimaryKey, Base):
    """The first time that a member opened a page of an exhibit; page 0 is the file or the recording."""

    __tablename__ = "exhibit_opening"
    __table_args__ = (UniqueConstraint("hearing_id", "person_id", "exhibit", "page"),)

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    exhibit: Mapped[str] = mapped_column(String(20))
    page: Mapped[int]
    opened_at: Mapped[datetime]


class JurorNote(UuidPrimaryKey, Base):
    """A note or a question of one member, read by nobody else and deleted when their reading ends."""

    __tablename__ = "juror_note"
    __table_args__ = (
        CheckConstraint("trim(text) <> ''", name="has_text"),
        Index("ix_juror_note_hearing_id_person_id", "hearing_id", "person_id"),
    )

    hearing_id: Mapped[UUID] = mapped_column(ForeignKey("hearing.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[NoteKind] = mapped_column(enum_column(NoteKind, "kind"))
    # The place the note is about: a competency, or an exhibit with its page or its second; neither for the
    # whole dossier.
    competency_id: Mapped[UUID | None] = mapped_column(ForeignKey("competency.id"))
    exhibit: Mapped[str | None] = mapped_column(String(20))
    page: Mapped[int | None]
    second: Mapped[int | None]
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(default=1)
    changed_at: Mapped[datetime]
