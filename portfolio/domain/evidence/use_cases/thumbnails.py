"""Find the files that have a thumbnail of their first page, for lists of evidence."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.domain.evidence.models.masking import is_private
from portfolio.domain.evidence.models.renditions import Page, PageImage, Rendition
from portfolio.domain.evidence.rules.rendition import PageSize, RenditionKind


def keys_with_thumbnail(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return those of these stored files whose first page is drawn, in one query."""
    query = (
        select(EvidenceFile.key)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .join(Page, Page.rendition_id == Rendition.id)
        .join(PageImage, PageImage.page_id == Page.id)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES, ~is_private())
        .where(Page.number == 1, PageImage.width == PageSize.THUMBNAIL)
    )
    return frozenset(session.scalars(query))
