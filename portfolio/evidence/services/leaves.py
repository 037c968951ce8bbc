"""Pages as they were drawn: kept one by one, and read by whoever may read the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceFile
from portfolio.evidence.renditions import Leaf, LeafImage, Rendition
from portfolio.evidence.rules.rendition import LEASE, PageFault, PageSize, RefusedRendition, RenditionKind, RenditionState
from portfolio.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class DrawnPage:
    """A page whose images are in the store already."""

    number: int
    images: Mapping[PageSize, StoredFile]
    text: str = ""
    fault: PageFault | None = None


@dataclass(frozen=True, slots=True)
class LeafView:
    """What is known of one page of a file: its order, how many pages are ready, its text, why it is not drawn."""

    rendition_id: UUID | None = None
    drawn: bool = False
    ready: int = 0
    text: str = ""
    fault: PageFault | None = None
    reason: RefusedRendition | None = None
    # Since when it is ordered.
    ordered_at: datetime | None = None
    # The store's key of its image at the width asked for, and the digest of that image.
    key: str | None = None
    sha256: str = ""

    @property
    def pending(self) -> bool:
        """Whether it will be drawn."""
        return not self.drawn and self.fault is None and self.reason is None


def keep_page(session: Session, rendition_id: UUID, page: DrawnPage, *, at: datetime) -> bool:
    """Keep a page whose images are stored, and answer whether it is this one that stays: the first of two is kept.

    Whoever has the order keeps it a little longer.
    """
    found = session.scalar(select(Rendition).where(Rendition.id == rendition_id).with_for_update(of=Rendition))
    if found is None or session.scalar(_leaf(rendition_id, page.number)) is not None:
        return False
    images = [LeafImage(width=size, key=one.key, sha256=one.sha256, size=one.size) for size, one in page.images.items()]
    session.add(Leaf(rendition_id=rendition_id, number=page.number, text=page.text, fault=page.fault, images=images))
    found.begun = 0
    if found.state is RenditionState.MAKING:
        found.due_at = at + LEASE
    return True


def find_leaf(session: Session, key: str, number: int, size: PageSize) -> LeafView:
    """Answer what is known of a page (from 1) of the file kept under this key, in two queries."""
    row = session.execute(
        select(
            Rendition.id, Rendition.reason, Rendition.ordered_at, Leaf.id, Leaf.text, Leaf.fault, LeafImage.key, LeafImage.sha256
        )
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        .outerjoin(Leaf, (Leaf.rendition_id == Rendition.id) & (Leaf.number == number))
        .outerjoin(LeafImage, (LeafImage.leaf_id == Leaf.id) & (LeafImage.width == size))
        .where(EvidenceFile.key == key, Rendition.kind == RenditionKind.PAGES)
    ).first()
    if row is None:
        return LeafView()
    rendition_id, reason, ordered_at, leaf_id, text, fault, at, sha256 = row
    drawn = leaf_id is not None and fault is None
    count = 0 if drawn else session.scalar(select(func.count()).where(Leaf.rendition_id == rendition_id, Leaf.fault.is_(None)))
    left = None if leaf_id else reason
    return LeafView(rendition_id, drawn, count or 0, text or "", fault, left, ordered_at, at, sha256 or "")


def texts_of(session: Session, key: str) -> Sequence[tuple[int, str]]:
    """Answer the text of each page that is drawn of the file kept under this key."""
    query = (
        select(Leaf.number, Leaf.text)
        .join(Rendition, Rendition.id == Leaf.rendition_id)
        .join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
    )
    return [(number, text) for number, text in session.execute(query.where(EvidenceFile.key == key).order_by(Leaf.number))]


def _leaf(rendition_id: UUID, number: int) -> Select[UUID]:
    return select(Leaf.id).where(Leaf.rendition_id == rendition_id, Leaf.number == number)
