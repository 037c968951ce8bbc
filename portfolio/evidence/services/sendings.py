"""Files that come in parts: begun, continued, taken by a piece, given up. They leave no line in the journal: a piece does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from portfolio.dossier.rules import DossierRefusal
from portfolio.dossier.services import lock_draft
from portfolio.evidence.models import Sending
from portfolio.evidence.rules import MOST, PATIENCE, FileAnnounced, SendingRefusal
from portfolio.refusal import Refusal
from portfolio.storage.names import shown_name


@dataclass(frozen=True, slots=True)
class SendingView:
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


def begin_sending(
    session: Session, candidacy_id: UUID, file: FileAnnounced, on_disk: Callable[[UUID], int], *, at: datetime
) -> SendingView:
    """Begin a file, or find it again where it stopped; `on_disk` answers how many bytes of it are here.

    Raises Refusal: SEALED, TOO_MANY. What a disk has lost meanwhile is asked again from the beginning.
    """
    lock_draft(session, candidacy_id)
    row = session.scalar(select(Sending).where(Sending.candidacy_id == candidacy_id, Sending.mark == file.mark))
    if row is None:
        if (session.scalar(select(func.count()).where(Sending.candidacy_id == candidacy_id)) or 0) >= MOST:
            raise Refusal(SendingRefusal.TOO_MANY)
        row = Sending(
            candidacy_id=candidacy_id, mark=file.mark, name=shown_name(file.name), size=file.size, begun_at=at, changed_at=at
        )
        row.received, row.parts = 0, []
        session.add(row)
    elif row.received > on_disk(row.id) or row.size != file.size:
        row.received, row.parts, row.size = 0, [], file.size
    row.changed_at = at
    session.flush()
    return _view(row)


def add_part(
    session: Session, candidacy_id: UUID, sending_id: UUID, place: int, size: int, sha256: str, *, at: datetime
) -> SendingView:
    """Acknowledge a part that is on the disk. Raises Refusal (SEALED, NOT_YOURS). Its place was looked at under the same lock."""
    lock_draft(session, candidacy_id)
    row = session.get(Sending, sending_id, with_for_update=True)
    if row is None or row.candidacy_id != candidacy_id or row.received != place:
        raise Refusal(DossierRefusal.NOT_YOURS)
    row.received, row.parts, row.changed_at = place + size, [*row.parts, f"{size}:{sha256}"], at
    return _view(row)


def find_sending(session: Session, candidacy_id: UUID, sending_id: UUID) -> SendingView | None:
    """Answer a file on its way to this dossier; None for any other."""
    row = session.get(Sending, sending_id)
    return _view(row) if row is not None and row.candidacy_id == candidacy_id else None


def list_sendings(session: Session, candidacy_id: UUID) -> list[SendingView]:
    """Answer the unfinished files of a dossier, the latest first."""
    rows = session.scalars(select(Sending).where(Sending.candidacy_id == candidacy_id).order_by(Sending.changed_at.desc()))
    return [_view(row) for row in rows]


def end_sendings(session: Session, candidacy_id: UUID, ids: Collection[UUID]) -> None:
    """Forget files on their way: a piece has them, or nobody wants them. Their bytes are removed after the commit."""
    if ids:
        session.execute(delete(Sending).where(Sending.candidacy_id == candidacy_id, Sending.id.in_(ids)))


def expire_sendings(session: Session, *, at: datetime) -> list[UUID]:
    """Forget the files that nothing came of for a week, and answer which ones are still waited for."""
    session.execute(delete(Sending).where(Sending.changed_at < at - PATIENCE))
    return list(session.scalars(select(Sending.id)))


def _view(row: Sending) -> SendingView:
    return SendingView(row.id, row.name, row.size, row.received, tuple(row.parts))
