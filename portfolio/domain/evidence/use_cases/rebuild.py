"""Orders given anew: what was made is lost or changed, or was given up though another try may succeed."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Page, PageImage, Rendition
from portfolio.domain.evidence.rules.rendition import (
    METHOD,
    RETRYABLE,
    Priority,
    RenditionState,
)
from portfolio.domain.evidence.use_cases.renditions import BATCH, is_inspected, lock_row
from portfolio.files.file_types.types import FileType


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
    found.method = METHOD
    _ordered(found, at)
    return keys


def request_outdated(session: Session, *, at: datetime) -> list[str]:
    """Order anew the pages of PDFs that were drawn in an earlier way; return the keys that no row names any
    more.
    """
    query = (
        select(Rendition.id)
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        .where(
            Rendition.method != METHOD,
            EvidenceFile.mime == FileType.PDF.mime,
        )
        .order_by(Rendition.requested_at)
        .limit(BATCH)
    )
    return [
        key for rendition_id in session.scalars(query).all() for key in requeue(session, rendition_id, at=at)
    ]


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
    found.state, found.run_after, found.finished_at, found.failure_reason = (
        RenditionState.WAITING,
        at,
        None,
        None,
    )
    found.priority = Priority.LOW
    found.attempts = found.starts_since_progress = 0
