"""Extent of a version of a file: pages, seconds, the text of its rendered pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Page, Rendition
from portfolio.domain.evidence.rules.citation import CitationUnit, ShownExtent, citation_unit, last_of
from portfolio.domain.evidence.rules.page_text import Box, unpack_boxes
from portfolio.domain.evidence.rules.rendition import METHOD, UNFINISHED, RenditionKind
from portfolio.domain.evidence.rules.sheets import sheets_of
from portfolio.domain.evidence.use_cases.conversions import find_reading
from portfolio.files.renditions.page_images.limits import pages_of


@dataclass(frozen=True, slots=True)
class FileExtent:
    """What can be named in a version of a file: so many pages, or so many seconds (None while they are not
    known).
    """

    version: int
    unit: CitationUnit
    pages: int
    seconds: int | None
    # The last page or second that a passage may name, when it is known.
    last: int | None = None


def shown_columns() -> tuple[ColumnElement[Any], ...]:
    """Return the columns that `shown_of` reads, beside those of `EvidenceFile` in a query."""
    mine = (
        Rendition.file_id == EvidenceFile.id,
        Rendition.kind == RenditionKind.PAGES,
    )
    made = (*mine, Rendition.key.is_not(None))

    def one(column: Any, *conditions: ColumnElement[bool]) -> ColumnElement[Any]:
        return select(column).where(*conditions).correlate(EvidenceFile).scalar_subquery()

    pending = (*mine, Rendition.key.is_(None), Rendition.state.in_(UNFINISHED))
    return (
        one(Rendition.pages, *made).label("shown_pages"),
        one(Rendition.seconds, *made).label("shown_seconds"),
        one(Rendition.contents, *made).label("shown_contents"),
        select(Rendition.id).where(*pending).correlate(EvidenceFile).exists().label("shown_pending"),
    )


def shown_of(row: Any) -> ShownExtent:
    """Return what the reader shows of a file, from a row of `shown_columns`."""
    return ShownExtent(
        row.shown_pages, row.shown_seconds, bool(row.shown_pending), sheets_of(row.shown_contents)
    )


def load_shown(session: Session, file_ids: Collection[UUID]) -> dict[UUID, ShownExtent]:
    """Return what the reader shows of these files, in one query."""
    rows = session.execute(select(EvidenceFile.id, *shown_columns()).where(EvidenceFile.id.in_(file_ids)))
    return {row.id: shown_of(row) for row in rows}


def load_file_extent(session: Session, file: EvidenceFile) -> FileExtent:
    """Return how far a version of a file goes, by what was made of it where something was."""
    made = find_reading(session, file.key).made
    unit = citation_unit(file.family, file.pages)
    pages = made.pages if made is not None else pages_of(file.mime, file.pages)
    seconds = file.seconds if file.seconds is not None or made is None else made.seconds
    last = last_of(file.family, file.pages, seconds, load_shown(session, [file.id])[file.id])
    return FileExtent(file.number, unit, 0 if unit is CitationUnit.MINUTES else pages, seconds, last)


def load_page_texts(session: Session, key: str) -> Mapping[int, str]:
    """Return the texts that the drawn pages of the file kept under this key show, by number; one query."""
    return {row.number: row.text for row in session.execute(_page_texts(key, Page.number, Page.text))}


def load_page_words(session: Session, key: str) -> Mapping[int, tuple[str, list[Box]]]:
    """Return the same texts, each with the box of each of its words, where both are known."""
    rows = session.execute(_page_texts(key, Page.number, Page.text, Page.word_boxes))
    return {row.number: (row.text, unpack_boxes(row.word_boxes)) for row in rows if row.word_boxes}


def _page_texts(key: str, *columns: Any) -> Select[Any]:
    return (
        select(*columns)
        .join(Rendition, Rendition.id == Page.rendition_id)
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        .where(
            EvidenceFile.key == key,
            Rendition.kind == RenditionKind.PAGES,
            Rendition.method == METHOD,
            Page.text != "",
        )
        .order_by(Page.number)
    )
