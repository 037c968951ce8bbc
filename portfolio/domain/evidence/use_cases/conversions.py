"""Keep and find the readable conversion of a file, with the order of its pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select
from sqlalchemy.orm import Session

from portfolio.db.engine import fetch_rows
from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.masking import FlattenedFile
from portfolio.domain.evidence.models.renditions import Rendition
from portfolio.domain.evidence.rules.rendition import LEASE, RenditionFailure, RenditionKind, RenditionState
from portfolio.domain.evidence.use_cases.renditions import lock_row
from portfolio.files.conversion.codes import Converted
from portfolio.files.file_types.types import ActiveContent
from portfolio.files.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class MadeFile:
    """What was made of a file: where it is kept, how many pages it has or how long it plays, who made it,
    what it holds.
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
    """How far a file is on its way to be read: what was made of it, or why nothing will be."""

    rendition_id: UUID | None = None
    made: MadeFile | None = None
    reason: RenditionFailure | None = None
    ordered_at: datetime | None = None
    # What acts by itself in the file: the copies that others than its owner receive do without.
    defused: tuple[ActiveContent, ...] = ()
    # How many rectangles a flattened copy was made with; None of another file.
    masks: int | None = None


def keep_conversion(
    session: Session, rendition_id: UUID, stored: StoredFile, made: Converted, *, at: datetime
) -> bool:
    """Keep what was made of a file, and return whether it is this one that stays: the first of two is
    kept.
    """
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


def keep_active_content(
    session: Session, rendition_id: UUID, active: Collection[ActiveContent] | None
) -> None:
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
    )
    .select_from(EvidenceFile)
    .outerjoin(Rendition, (Rendition.file_id == EvidenceFile.id) & (Rendition.kind == RenditionKind.PAGES))
    .outerjoin(FlattenedFile, FlattenedFile.file_id == EvidenceFile.id)
    .where(EvidenceFile.key == bindparam("key"))
)


def find_reading(session: Session, key: str) -> Reading:
    """Return how far the file kept under this key is on its way to be read here."""
    found = next(iter(fetch_rows(session, _READING, {"key": key})), None)
    if found is None:
        return Reading()
    # A code of an earlier version has no words any more.
    codes = [code for code in (found.contents or {}).get("defused", ()) if code in set(ActiveContent)]
    defused = tuple(map(ActiveContent, codes))
    return Reading(found.id, made_file(found), found.failure_reason, found.requested_at, defused, found.masks)


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
