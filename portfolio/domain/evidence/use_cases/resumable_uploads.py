"""Files that come in parts: begun, continued, taken by a piece, given up. They leave no line in the journal: a piece does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portfolio.domain.dossier.rules.state import DossierRefusal
from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.evidence.models.evidence import Upload
from portfolio.domain.evidence.rules.resumable_upload import MAX_UPLOADS, UPLOAD_LIFETIME, UploadRefusal, UploadRequest
from portfolio.errors import Refusal
from portfolio.files.filenames import display_filename


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """A file on its way: how much of it is here, durably, in bytes, and its parts as they were acknowledged."""

    id: UUID
    name: str
    size: int
    received: int
    parts: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether all of it is here."""
        return self.received == self.size


def start_upload(
    session: Session, candidacy_id: UUID, file: UploadRequest, on_disk: Callable[[UUID], int], *, at: datetime
) -> UploadStatus:
    """Begin a file, or find it again where it stopped; `on_disk` answers how many bytes of it are here.

    Raises Refusal: SEALED, TOO_MANY. What a disk has lost meanwhile is asked again from the beginning.
    """
    lock_draft(session, candidacy_id)
    row = session.scalar(select(Upload).where(Upload.candidacy_id == candidacy_id, Upload.mark == file.mark))
    if row is None:
        if (session.scalar(select(func.count()).where(Upload.candidacy_id == candidacy_id)) or 0) >= MAX_UPLOADS:
            raise Refusal(UploadRefusal.TOO_MANY)
        row = Upload(
            candidacy_id=candidacy_id,
            mark=file.mark,
            name=display_filename(file.name),
            size=file.size,
            begun_at=at,
            changed_at=at,
        )
        row.received, row.parts = 0, []
        session.add(row)
    elif row.received > on_disk(row.id) or row.size != file.size:
        row.received, row.parts, row.size = 0, [], file.size
    row.changed_at = at
    session.flush()
    return _view(row)


def append_part(
    session: Session, candidacy_id: UUID, upload_id: UUID, place: int, size: int, sha256: str, *, at: datetime
) -> UploadStatus:
    """Acknowledge a part that is on the disk. Raises Refusal (SEALED, NOT_YOURS). Its place was looked at under the same lock."""
    lock_draft(session, candidacy_id)
    row = session.get(Upload, upload_id, with_for_update=True)
    if row is None or row.candidacy_id != candidacy_id or row.received != place:
        raise Refusal(DossierRefusal.NOT_YOURS)
    row.received, row.parts, row.changed_at = place + size, [*row.parts, f"{size}:{sha256}"], at
    return _view(row)


def find_upload(session: Session, candidacy_id: UUID, upload_id: UUID) -> UploadStatus | None:
    """Answer a file on its way to this dossier; None for any other."""
    row = session.get(Upload, upload_id)
    return _view(row) if row is not None and row.candidacy_id == candidacy_id else None


def list_uploads(session: Session, candidacy_id: UUID) -> list[UploadStatus]:
    """Answer the unfinished files of a dossier, the latest first."""
    rows = session.scalars(select(Upload).where(Upload.candidacy_id == candidacy_id).order_by(Upload.changed_at.desc()))
    return [_view(row) for row in rows]


def delete_uploads(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> None:
    """Forget files on their way: a piece has them, or nobody wants them. Their bytes are removed after the commit."""
    if ids:
        session.execute(delete(Upload).where(Upload.candidacy_id == candidacy_id, Upload.id.in_(ids)))


def delete_stale_uploads(session: Session, *, at: datetime) -> list[UUID]:
    """Forget the files that nothing came of for a week, and answer which ones are still waited for."""
    session.execute(delete(Upload).where(Upload.changed_at < at - UPLOAD_LIFETIME))
    return list(session.scalars(select(Upload.id)))


def _view(row: Upload) -> UploadStatus:
    return UploadStatus(row.id, row.name, row.size, row.received, tuple(row.parts))
