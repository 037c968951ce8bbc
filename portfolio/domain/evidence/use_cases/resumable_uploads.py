"""Resumable uploads: start, append a part, complete, cancel.

The audit log records the piece, not its parts.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portfolio.domain.dossier.use_cases.draft_lock import lock_draft
from portfolio.domain.evidence.models.evidence import Upload
from portfolio.domain.evidence.rules.resumable_upload import (
    MAX_UPLOADS,
    UPLOAD_LIFETIME,
    UploadRefusal,
    UploadRequest,
)
from portfolio.errors import Refusal
from portfolio.files.filenames import display_filename
from portfolio.files.uploads.partial import PartialUpload


@dataclass(frozen=True, slots=True)
class UploadStatus:
    """A file on its way, and how much of it is here, in bytes, when somebody asked its place."""

    id: UUID
    name: str
    size: int
    store_upload_id: str = ""
    received: int = 0
    digests: Mapping[str, str] | None = None

    @property
    def partial(self) -> PartialUpload:
        """Return what the place of its bytes knows it by."""
        return PartialUpload(self.id, self.size, self.store_upload_id, self.digests)


def start_upload(
    session: Session, candidacy_id: UUID, file: UploadRequest, partial: PartialUpload, *, at: datetime
) -> UploadStatus:
    """Begin a file under this identity, unless another request has begun it; return the one that goes on.

    Raises Refusal: SEALED, TOO_MANY.
    """
    lock_draft(session, candidacy_id)
    row = _announced(session, candidacy_id, file.mark)
    if row is not None:
        return _view(row)
    if (session.scalar(select(func.count()).where(Upload.candidacy_id == candidacy_id)) or 0) >= MAX_UPLOADS:
        raise Refusal(UploadRefusal.TOO_MANY)
    row = Upload(
        id=partial.id,
        candidacy_id=candidacy_id,
        fingerprint=file.mark,
        name=display_filename(file.name),
        size=file.size,
    )
    row.store_upload_id, row.started_at, row.changed_at = partial.place_name, at, at
    row.digests = dict(partial.digests or {})
    session.add(row)
    session.flush()
    return _view(row)


def resume_upload(session: Session, candidacy_id: UUID, upload_id: UUID, *, at: datetime) -> None:
    """Wait for the rest of a file anew. Raises Refusal: SEALED."""
    lock_draft(session, candidacy_id)
    session.execute(
        update(Upload)
        .where(Upload.candidacy_id == candidacy_id, Upload.id == upload_id)
        .values(changed_at=at)
    )


def note_digest(session: Session, upload_id: UUID, number: int, sha256: str) -> None:
    """Keep the SHA-256 under which a part goes to an S3, which asks for it again to make the whole."""
    row = session.get(Upload, upload_id, with_for_update=True)
    if row is not None and row.digests is not None:
        row.digests = {**row.digests, str(number): sha256}


def find_announced(session: Session, candidacy_id: UUID, mark: str) -> UploadStatus | None:
    """Return the file of this mark that is on its way to a dossier; None when it was never announced."""
    row = _announced(session, candidacy_id, mark)
    return _view(row) if row is not None else None


def find_upload(session: Session, candidacy_id: UUID, upload_id: UUID) -> UploadStatus | None:
    """Answer a file on its way to this dossier; None for any other."""
    row = session.get(Upload, upload_id)
    return _view(row) if row is not None and row.candidacy_id == candidacy_id else None


def list_uploads(session: Session, candidacy_id: UUID) -> list[UploadStatus]:
    """Answer the unfinished files of a dossier, the latest first."""
    rows = session.scalars(
        select(Upload).where(Upload.candidacy_id == candidacy_id).order_by(Upload.changed_at.desc())
    )
    return [_view(row) for row in rows]


def delete_uploads(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> list[UploadStatus]:
    """Forget files on their way, and return those that nobody forgot before: what is left of them is the
    caller's to remove.
    """
    if not ids:
        return []
    query = select(Upload).where(Upload.candidacy_id == candidacy_id, Upload.id.in_(ids)).with_for_update()
    rows = session.scalars(query).all()
    for row in rows:
        session.delete(row)
    return [_view(row) for row in rows]


def take_uploads(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> None:
    """Give files on their way to the pieces that this transaction makes; raises Refusal: SEALED, TAKEN (by
    another one).
    """
    lock_draft(session, candidacy_id)
    if len(delete_uploads(session, candidacy_id, ids)) != len(set(ids)):
        raise Refusal(UploadRefusal.TAKEN)


def delete_stale_uploads(session: Session, *, at: datetime) -> tuple[list[UploadStatus], list[UUID]]:
    """Forget the files that nobody announced for a week; return them, and the identities of those still
    waited for.
    """
    rows = session.scalars(select(Upload).where(Upload.changed_at < at - UPLOAD_LIFETIME)).all()
    expired = [_view(row) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    return expired, list(session.scalars(select(Upload.id)))


def _announced(session: Session, candidacy_id: UUID, mark: str) -> Upload | None:
    return session.scalar(
        select(Upload).where(Upload.candidacy_id == candidacy_id, Upload.fingerprint == mark)
    )


def _view(row: Upload) -> UploadStatus:
    return UploadStatus(row.id, row.name, row.size, row.store_upload_id, digests=row.digests)
