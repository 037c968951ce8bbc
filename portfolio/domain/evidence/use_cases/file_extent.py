"""Extent of a version of a file: pages, seconds, the text of its rendered pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Page, Rendition
from portfolio.domain.evidence.rules.citation import CitationUnit, citation_unit
from portfolio.domain.evidence.rules.rendition import METHOD, RenditionKind
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


def load_file_extent(session: Session, file: EvidenceFile) -> FileExtent:
    """Return how far a version of a file goes, by what was made of it where something was."""
    made = find_reading(session, file.key).made
    unit = citation_unit(file.family, file.pages)
    pages = made.pages if made is not None else pages_of(file.mime, file.pages)
    seconds = file.seconds if file.seconds is not None or made is None else made.seconds
    return FileExtent(file.number, unit, 0 if unit is CitationUnit.MINUTES else pages, seconds)


def load_page_texts(session: Session, key: str) -> Mapping[int, str]:
    """Return the texts that the drawn pages of the file kept under this key show, by number; one query."""
    rows = session.execute(
        select(Page.number, Page.text)
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
    return {row.number: row.text for row in rows}
