"""Keep and find the readable conversion of a file, with the order of its pages.

Extent of a version of a file: pages, seconds, the text of its rendered pages.

Orders given anew: what was made is lost or changed, or was given up though another try may succeed.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, case, func, select
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows, read_once
from portfolio.domain.dossier.models.evidence import EvidenceFile, FlattenedFile, PrivateFile, QuarantinedFile
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.dossier.rules.citation import CitationUnit, ShownExtent, citation_unit, last_of, sheets_of
from portfolio.domain.dossier.rules.rendition import (
    LEASE,
    METHOD,
    RETRYABLE,
    UNFINISHED,
    Box,
    Priority,
    RenditionFailure,
    RenditionKind,
    RenditionState,
    unpack_boxes,
)
from portfolio.domain.dossier.use_cases.renditions import BATCH, is_inspected, lock_row
from portfolio.files.file_types.types import ActiveContent, Converted, FileType, pages_of
from portfolio.files.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class MadeFile:
    """File made of another one: where it is kept, how many pages it has or how long it plays, who made it, what it
    holds.
    """

    key: str
    sha256: str
    size: int
    media_type: str
    pages: int
    converter: str
    is_cut: bool = False
    # Of a table that is cut: how many rows are shown, and how many there are.
    rows: tuple[int, int] | None = None
    seconds: int | None = None
    entries: Sequence[Mapping[str, Any]] = field(default=())


@dataclass(frozen=True, slots=True)
class Reading:
    """Progress of a file towards being readable: what was made of it, or why nothing will be."""

    rendition_id: UUID | None = None
    made: MadeFile | None = None
    reason: RenditionFailure | None = None
    ordered_at: datetime | None = None
    # What acts by itself in the file: the copies that others than its owner receive do without.
    defused: tuple[ActiveContent, ...] = ()
    # How many rectangles a flattened copy was made with; None of another file.
    masks: int | None = None
    # How many pages were counted in the file; 0 when they were not.
    counted: int = 0


def keep_conversion(session: Session, rendition_id: UUID, stored: StoredFile, made: Converted, *, at: datetime) -> bool:
    """Keep what was made of a file, and return whether it is this one that stays: the first of two is kept."""
    found = lock_row(session, rendition_id)
    if found is None or found.state is not RenditionState.MAKING or found.key is not None:
        return False
    found.key, found.sha256, found.size = stored.key, stored.sha256, stored.size
    found.media_type, found.pages, found.seconds = made.media_type, made.pages, made.seconds
    found.converter, found.is_cut = made.converter.value, made.is_cut
    files = {"files": [dict(entry) for entry in made.entries]} if made.entries else {}
    rows = {"rows": list(made.rows)} if made.rows else {}
    sheets = {"sheets": [list(sheet) for sheet in made.sheets]} if made.sheets else {}
    found.contents = ((found.contents or {}) | files | rows | sheets) or None
    found.starts_since_progress, found.run_after = 0, at + LEASE
    return True


def extend_lease(session: Session, rendition_id: UUID, *, at: datetime) -> None:
    """Keep an order a little longer for the worker that has it: a long recording is being made."""
    found = lock_row(session, rendition_id)
    if found is not None and found.state is RenditionState.MAKING:
        found.run_after = at + LEASE


def keep_active_content(session: Session, rendition_id: UUID, active: Collection[ActiveContent] | None) -> None:
    """Keep what acts by itself in a file, nothing included: it was looked at.

    None: that cannot be known for sure.
    """
    found = lock_row(session, rendition_id)
    if found is None:
        return
    found.awaits_inspection = False
    if active is not None:
        found.contents = (found.contents or {}) | {"defused": sorted(active)}


def awaits_inspection(session: Session, rendition_id: UUID) -> bool:
    """Return whether a file is still to be looked at for what acts by itself in it."""
    found = session.get(Rendition, rendition_id)
    return found is not None and found.awaits_inspection


def list_uninspected(session: Session, limit: int) -> Sequence[UUID]:
    """Return the pages that are all drawn, of files that were not looked at for what acts by itself in them,
    the oldest first.
    """
    drawn = Rendition.awaits_inspection.is_(True), Rendition.state == RenditionState.READY
    return session.scalars(
        select(Rendition.id).where(*drawn).order_by(Rendition.requested_at, Rendition.id).limit(limit)
    ).all()


# Asked at every page of a file, so built once.
_READING = (
    select(
        *(
            Rendition.id,
            Rendition.failure_reason,
            Rendition.requested_at,
            Rendition.contents,
            Rendition.key,
            Rendition.sha256,
        ),
        *(
            Rendition.size,
            Rendition.media_type,
            Rendition.pages,
            Rendition.converter,
            Rendition.is_cut,
            Rendition.seconds,
        ),
        FlattenedFile.masks,
        EvidenceFile.pages.label("counted"),
    )
    .select_from(EvidenceFile)
    .outerjoin(Rendition, (Rendition.file_id == EvidenceFile.id) & (Rendition.kind == RenditionKind.PAGES))
    .outerjoin(FlattenedFile, FlattenedFile.file_id == EvidenceFile.id)
    .where(EvidenceFile.key == bindparam("key"))
)


@read_once
def find_reading(session: Session, key: str) -> Reading:
    """Return how far the file kept under this key is on its way to be read here."""
    found = next(iter(fetch_rows(session, _READING, {"key": key})), None)
    if found is None:
        return Reading()
    # A code of an earlier version has no words any more.
    codes = [code for code in (found.contents or {}).get("defused", ()) if code in set(ActiveContent)]
    defused = tuple(map(ActiveContent, codes))
    return Reading(
        found.id, made_file(found), found.failure_reason, found.requested_at, defused, found.masks, found.counted or 0
    )


def made_file(found: Rendition | Row[*tuple[Any, ...]]) -> MadeFile | None:
    """Return what was made of a file, from its rendition or the columns of it.

    None of one that is drawn as it is, or of which nothing is made yet.
    """
    if found.key is None or found.media_type is None:
        return None
    contents = found.contents or {}
    rows = contents.get("rows")
    return MadeFile(
        key=found.key,
        sha256=found.sha256 or "",
        size=found.size or 0,
        media_type=found.media_type,
        pages=found.pages or 1,
        converter=found.converter or "",
        is_cut=bool(found.is_cut),
        rows=(rows[0], rows[1]) if rows else None,
        seconds=found.seconds,
        entries=contents.get("files", ()),
    )


@dataclass(frozen=True, slots=True)
class FileExtent:
    """Extent of a version of a file: so many pages, or so many seconds (None while they are not known)."""

    version: int
    unit: CitationUnit
    pages: int
    seconds: int | None
    # The last page or second that a passage may name, when it is known.
    last: int | None = None


_SHOWN = aliased(Rendition)
# The join that `shown_columns` needs in a query on EvidenceFile.
SHOWN = (_SHOWN, and_(_SHOWN.file_id == EvidenceFile.id, _SHOWN.kind == RenditionKind.PAGES))


def shown_columns() -> tuple[ColumnElement[Any], ...]:
    """Return the columns that `shown_of` reads, in a query that joins `SHOWN` (outer)."""
    is_made = _SHOWN.key.is_not(None)
    return (
        case((is_made, _SHOWN.pages)).label("shown_pages"),
        case((is_made, _SHOWN.seconds)).label("shown_seconds"),
        case((is_made, _SHOWN.contents)).label("shown_contents"),
        and_(~is_made, _SHOWN.state.in_(UNFINISHED)).label("shown_pending"),
    )


def shown_of(row: Any) -> ShownExtent:
    """Return what the reader shows of a file, from a row of `shown_columns`."""
    return ShownExtent(row.shown_pages, row.shown_seconds, bool(row.shown_pending), sheets_of(row.shown_contents))


def file_facts() -> Select[*tuple[Any, ...]]:
    """Return the statement of what pages tell of versions of files, with the columns of `shown_of`: whether only the
    candidate reads one, its quarantine, its masks when it is a flattened copy.
    """
    return (
        select(
            EvidenceFile.id,
            PrivateFile.file_id.is_not(None).label("is_private"),
            QuarantinedFile.state.label("apart"),
            FlattenedFile.masks,
            *shown_columns(),
        )
        .outerjoin(*SHOWN)
        .outerjoin(PrivateFile, PrivateFile.file_id == EvidenceFile.id)
        .outerjoin(QuarantinedFile, QuarantinedFile.key == EvidenceFile.key)
        .outerjoin(FlattenedFile, FlattenedFile.file_id == EvidenceFile.id)
    )


def load_shown(session: Session, file_ids: Collection[UUID]) -> dict[UUID, ShownExtent]:
    """Return what the reader shows of these files, in one query."""
    rows = session.execute(
        select(EvidenceFile.id, *shown_columns()).outerjoin(*SHOWN).where(EvidenceFile.id.in_(file_ids))
    )
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
        .join(Page.rendition)
        .join(Rendition.file)
        .where(
            EvidenceFile.key == key, Rendition.kind == RenditionKind.PAGES, Rendition.method == METHOD, Page.text != ""
        )
        .order_by(Page.number)
    )


def requeue(session: Session, rendition_id: UUID, *, at: datetime) -> list[str]:
    """Forget what was made, and order it anew; answer the keys that no row names any more."""
    found = lock_row(session, rendition_id)
    if found is None:
        return []
    mine = select(Page.id).where(Page.rendition_id == rendition_id)
    keys = list(session.scalars(select(PageImage.key).where(PageImage.page_id.in_(mine))))
    keys += [found.key] if found.key else []
    for page in found.drawn_pages:
        session.delete(page)
    found.key = found.sha256 = found.size = None
    found.media_type = found.pages = found.seconds = found.converter = found.is_cut = found.contents = None
    found.awaits_inspection = is_inspected(found.file.mime)
    found.method, found.proof, found.prove_after = METHOD, None, None
    _ordered(found, at)
    return keys


def request_outdated(session: Session, *, at: datetime) -> list[str]:
    """Order anew the pages of PDFs that were drawn in an earlier way; return the keys that no row names any more."""
    query = (
        select(Rendition.id)
        .join(Rendition.file)
        .where(Rendition.method != METHOD, EvidenceFile.mime == FileType.PDF.mime)
        .order_by(Rendition.requested_at)
        .limit(BATCH)
    )
    return [key for rendition_id in session.scalars(query).all() for key in requeue(session, rendition_id, at=at)]


def count_failed_renditions(session: Session) -> int:
    """Answer of how many files the page images or the copy were given up, though another try may succeed."""
    query = select(func.count(Rendition.file_id.distinct())).where(Rendition.failure_reason.in_(RETRYABLE))
    return session.scalar(query) or 0


def retry_failed_renditions(session: Session, *, at: datetime) -> int:
    """Order again what was given up, with the pages that are drawn already; answer of how many files."""
    count = count_failed_renditions(session)
    for found in session.scalars(
        select(Rendition).where(Rendition.failure_reason.in_(RETRYABLE)).with_for_update(of=Rendition)
    ):
        _ordered(found, at)
    return count


def _ordered(found: Rendition, at: datetime) -> None:
    found.state, found.run_after, found.finished_at, found.failure_reason = (RenditionState.WAITING, at, None, None)
    found.priority = Priority.LOW
    found.attempts = found.starts_since_progress = 0
