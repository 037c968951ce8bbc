"""Tables of renditions: page images with their text, PDFs and recordings made. All can be made again."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Integer, LargeBinary, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portfolio.db.care import no_fact
from portfolio.db.engine import Base, UuidPrimaryKey, enum_column
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.rules.rendition import (
    METHOD,
    PageError,
    PageSize,
    Priority,
    RenditionFailure,
    RenditionKind,
    RenditionState,
)

RENDERED = no_fact("made from a sealed file, and made again when lost", not_exported="told by the file")


class Rendition(UuidPrimaryKey, Base):
    """The order to make one thing of one version, and how far it is. Erased with the version."""

    __tablename__ = "rendition"
    __care__ = RENDERED
    __table_args__ = (UniqueConstraint("file_id", "kind"),)

    file_id: Mapped[UUID] = mapped_column(ForeignKey("evidence_file.id", ondelete="CASCADE"))
    kind: Mapped[RenditionKind] = mapped_column(enum_column(RenditionKind, "kind"))
    state: Mapped[RenditionState] = mapped_column(enum_column(RenditionState, "state"))
    # When it may be taken: at once, after the lease of the worker that has it, after a failure. None once it
    # is ended.
    run_after: Mapped[datetime | None] = mapped_column(index=True)
    # Which of the renditions that are due is taken first (`Priority`).
    priority: Mapped[int] = mapped_column(Integer, default=Priority.NORMAL)
    attempts: Mapped[int] = mapped_column(default=0)
    # How many times it was begun since it was last heard of: written before the file is opened, so that a
    # death counts.
    starts_since_progress: Mapped[int] = mapped_column(default=0)
    failure_reason: Mapped[RenditionFailure | None] = mapped_column(enum_column(RenditionFailure, "failure_reason"))
    # Which way its pages are drawn (rules.rendition.METHOD): 0 before there were several.
    method: Mapped[int] = mapped_column(default=METHOD)
    requested_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    # Where the PDF made of a file of another format is kept, or the recording that browsers play.
    key: Mapped[str | None] = mapped_column(String(200), unique=True)
    sha256: Mapped[str | None] = mapped_column(String(64))
    size: Mapped[int | None] = mapped_column(BigInteger)
    # What was made of a file of another format, by which converter, and the files that were found inside it.
    media_type: Mapped[str | None] = mapped_column(String(200))
    pages: Mapped[int | None]
    seconds: Mapped[int | None]
    converter: Mapped[str | None] = mapped_column(String(40))
    is_cut: Mapped[bool | None]
    contents: Mapped[dict[str, Any] | None]
    # Whether the file is still to be looked at for what acts by itself in it
    # (FileConversion.look_for_active_content).
    awaits_inspection: Mapped[bool] = mapped_column(default=False)
    # Which of its pages a book lays as their images, or not at all (Proof); when a worker may look at that: once its
    # pages are drawn, or after the lease of the worker that does. Neither of a piece that nobody was to look at.
    proof: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    prove_after: Mapped[datetime | None]
    file: Mapped[EvidenceFile] = relationship()
    drawn_pages: Mapped[list[Page]] = relationship(
        back_populates="rendition", order_by="Page.number", passive_deletes=True
    )


_PENDING = Rendition.run_after.is_not(None)
Index("ix_rendition_pending", Rendition.priority, Rendition.run_after, sqlite_where=_PENDING, postgresql_where=_PENDING)
_UNSEEN = Rendition.awaits_inspection.is_(True)
Index("ix_rendition_awaits_inspection", Rendition.requested_at, sqlite_where=_UNSEEN, postgresql_where=_UNSEEN)
_UNPROVED = Rendition.prove_after.is_not(None)
Index("ix_rendition_prove_after", Rendition.prove_after, sqlite_where=_UNPROVED, postgresql_where=_UNPROVED)


class PageRequest(Base):
    """A page that somebody waits for on a screen.

    It is drawn before any other task, then the row is deleted.
    """

    __tablename__ = "page_request"
    __care__ = no_fact("a page that somebody waits for on a screen", not_exported="told by the file")

    rendition_id: Mapped[UUID] = mapped_column(ForeignKey("rendition.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    priority: Mapped[int] = mapped_column(Integer)
    # The width that is asked for of a page that is drawn already; None asks for the page itself.
    size: Mapped[PageSize | None] = mapped_column(enum_column(PageSize, "size"))
    requested_at: Mapped[datetime]
    # When a worker may take it: at once, or after the lease of the worker that has it.
    run_after: Mapped[datetime]


class Page(UuidPrimaryKey, Base):
    """One page: its images and its text, or why it is not drawn."""

    __tablename__ = "page"
    __care__ = RENDERED
    __table_args__ = (UniqueConstraint("rendition_id", "number"),)

    rendition_id: Mapped[UUID] = mapped_column(ForeignKey("rendition.id", ondelete="CASCADE"))
    number: Mapped[int]
    error: Mapped[PageError | None] = mapped_column(enum_column(PageError, "error"))
    text: Mapped[str] = mapped_column(Text, default="")
    # How many characters the file holds there that the page does not show: they are left out of its text.
    # TEXT_NOT_READ while only the image of the page is there.
    hidden: Mapped[int] = mapped_column(default=0)
    # The size of the page at 100 %, in CSS pixels; None of a page drawn before it was kept.
    width: Mapped[int | None]
    height: Mapped[int | None]
    # Where each word of the text is on the page (rules.word_boxes); None of a page without text, or drawn
    # before.
    word_boxes: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The words that a machine read in the picture of a page without text, never shown as the text of the document;
    # None while no machine looked.
    machine_text: Mapped[str | None] = mapped_column(Text)
    rendition: Mapped[Rendition] = relationship(back_populates="drawn_pages")
    images: Mapped[list[PageImage]] = relationship(passive_deletes=True)


_UNREAD = and_(Page.machine_text.is_(None), Page.text == "")
Index("ix_page_unread", Page.rendition_id, sqlite_where=_UNREAD, postgresql_where=_UNREAD)


class PageImage(UuidPrimaryKey, Base):
    """One page at one width, as a WebP of ours."""

    __tablename__ = "page_image"
    __care__ = RENDERED
    __table_args__ = (UniqueConstraint("page_id", "width"),)

    page_id: Mapped[UUID] = mapped_column(ForeignKey("page.id", ondelete="CASCADE"))
    width: Mapped[PageSize] = mapped_column(enum_column(PageSize, "width"))
    key: Mapped[str] = mapped_column(String(200), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
