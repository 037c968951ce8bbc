"""Which files have a thumbnail of their first page, for the lists that name pieces."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.renditions import Page, PageImage, Rendition
from portfolio.domain.evidence.rules.rendition import PageSize, RenditionKind


def keys_with_thumbnail(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return those of these stored files whose first page is drawn, in one query."""
    query = (
        select(EvidenceFile.key)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .join(Page, Page.rendition_id == Rendition.id)
        .join(PageImage, PageImage.page_id == Page.id)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES)
        .where(Page.number == 1, PageImage.width == PageSize.THUMBNAIL)
    )
    return frozenset(session.scalars(query))


def evidence_with_thumbnail(session: Session, evidence_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return, of those of these pieces whose current file has its first page drawn, the version of that file."""
    newer = EvidenceFile.__table__.alias("newer")
    replaced = select(newer.c.id).where(newer.c.evidence_id == EvidenceFile.evidence_id, newer.c.number > EvidenceFile.number)
    query = (
        select(EvidenceFile.evidence_id, EvidenceFile.number)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .join(Page, Page.rendition_id == Rendition.id)
        .join(PageImage, PageImage.page_id == Page.id)
        .where(EvidenceFile.evidence_id.in_(evidence_ids), ~replaced.exists(), Rendition.kind == RenditionKind.PAGES)
        .where(Page.number == 1, PageImage.width == PageSize.THUMBNAIL)
    )
    return {key: value for key, value in session.execute(query)}  # noqa: C416
