"""The removed pieces that can still come back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import Evidence
from portfolio.domain.evidence.use_cases.evidence import FORGOTTEN_AFTER
from portfolio.screens.candidate.evidence.library import PAGE_SIZE


@dataclass(frozen=True, slots=True)
class RemovedPiece:
    """A removed piece, when it was removed, and when it is erased."""

    id: UUID
    number: int
    title: str
    removed_at: datetime
    erased_at: datetime


def list_removed(session: Session, candidacy_id: UUID, page: int) -> tuple[Sequence[RemovedPiece], bool]:
    """Return a page of the removed pieces whose files are still there, the last removed first, and whether
    others follow.
    """
    rows = session.execute(
        select(Evidence.id, Evidence.number, Evidence.title, Evidence.removed_at)
        .where(Evidence.candidacy_id == candidacy_id, Evidence.removed_at.is_not(None), Evidence.files.any())
        .order_by(Evidence.removed_at.desc(), Evidence.number)
        .offset((page - 1) * PAGE_SIZE)
        .limit(PAGE_SIZE + 1)
    ).all()
    pieces = [
        RemovedPiece(key, number, title, removed_at, removed_at + FORGOTTEN_AFTER)
        for key, number, title, removed_at in rows[:PAGE_SIZE]
        if removed_at
    ]
    return pieces, len(rows) > PAGE_SIZE
