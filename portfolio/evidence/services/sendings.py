"""Files that come in parts: begun, continued, taken by a piece, given up. They leave no line in the journal: a piece does."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portfolio.dossier.services import lock_draft
from portfolio.evidence.models import Sending
from portfolio.evidence.rules import MOST, PATIENCE, FileAnnounced, SendingRefusal
from portfolio.refusal import Refusal
from portfolio.storage.names import shown_name
from portfolio.storage.partial import PartialUpload


@dataclass(frozen=True, slots=True)
class SendingView:
    """A file on its way, and how much of it is here, in bytes, when somebody asked its place."""

    id: UUID
    name: str
    size: int
    store_upload_id: str = ""
    received: int = 0

    @property
    def partial(self) -> PartialUpload:
        """Return what the place of its bytes knows it by."""
        return PartialUpload(self.id, self.size, self.store_upload_id)


def begin_sending(
    session: Session, candidacy_id: UUID, file: FileAnnounced, partial: PartialUpload, *, at: datetime
) -> SendingView:
    """Begin a file under this identity, unless another request has begun it; return the one that goes on.

    Raises Refusal: SEALED, TOO_MANY.
    """
    lock_draft(session, candidacy_id)
    row = _announced(session, candidacy_id, file.mark)
    if row is not None:
        return _view(row)
    if (session.scalar(select(func.count()).where(Sending.candidacy_id == candidacy_id)) or 0) >= MOST:
        raise Refusal(SendingRefusal.TOO_MANY)
    row = Sending(id=partial.id, candidacy_id=candidacy_id, mark=file.mark, name=shown_name(file.name), size=file.size)
    row.store_upload_id, row.begun_at, row.changed_at = partial.place_name, at, at
    session.add(row)
    session.flush()
    return _view(row)


def resume_sending(session: Session, candidacy_id: UUID, sending_id: UUID, *, at: datetime) -> None:
    """Wait for the rest of a file anew. Raises Refusal: SEALED."""
    lock_draft(session, candidacy_id)
    session.execute(update(Sending).where(Sending.candidacy_id == candidacy_id, Sending.id == sending_id).values(changed_at=at))


def find_announced(session: Session, candidacy_id: UUID, mark: str) -> SendingView | None:
    """Return the file of this mark that is on its way to a dossier; None when it was never announced."""
    row = _announced(session, candidacy_id, mark)
    return _view(row) if row is not None else None


def find_sending(session: Session, candidacy_id: UUID, sending_id: UUID) -> SendingView | None:
    """Answer a file on its way to this dossier; None for any other."""
    row = session.get(Sending, sending_id)
    return _view(row) if row is not None and row.candidacy_id == candidacy_id else None


def list_sendings(session: Session, candidacy_id: UUID) -> list[SendingView]:
    """Answer the unfinished files of a dossier, the latest first."""
    rows = session.scalars(select(Sending).where(Sending.candidacy_id == candidacy_id).order_by(Sending.changed_at.desc()))
    return [_view(row) for row in rows]


def end_sendings(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> list[SendingView]:
    """Forget files on their way, and return those that nobody forgot before: what is left of them is the caller's to remove."""
    if not ids:
        return []
    query = select(Sending).where(Sending.candidacy_id == candidacy_id, Sending.id.in_(ids)).with_for_update()
    rows = session.scalars(query).all()
    for row in rows:
        session.delete(row)
    return [_view(row) for row in rows]


def take_sendings(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> None:
    """Give files on their way to the pieces that this transaction makes; raises Refusal: SEALED, TAKEN (by another one)."""
    lock_draft(session, candidacy_id)
    if len(end_sendings(session, candidacy_id, ids)) != len(set(ids)):
        raise Refusal(SendingRefusal.TAKEN)


def expire_sendings(session: Session, *, at: datetime) -> tuple[list[SendingView], list[UUID]]:
    """Forget the files that nobody announced for a week; return them, and the identities of those still waited for."""
    rows = session.scalars(select(Sending).where(Sending.changed_at < at - PATIENCE)).all()
    expired = [_view(row) for row in rows]
    for row in rows:
        session.delete(row)
    session.flush()
    return expired, list(session.scalars(select(Sending.id)))


def _announced(session: Session, candidacy_id: UUID, mark: str) -> Sending | None:
    return session.scalar(select(Sending).where(Sending.candidacy_id == candidacy_id, Sending.mark == mark))


def _view(row: Sending) -> SendingView:
    return SendingView(row.id, row.name, row.size, row.store_upload_id)
