"""Pages as they were drawn: kept one by one, and read by those who may read the file.

Pages that somebody waits for on a screen: requested by a view, claimed by a worker before any other task.

Find the files that have a thumbnail of their first page, for lists of evidence.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, bindparam, case, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session, aliased

from portfolio.db.engine import fetch_rows, insert_if_absent, read_once
from portfolio.domain.dossier.models.evidence import EvidenceFile, FlattenedFile, is_private
from portfolio.domain.dossier.models.renditions import Page, PageImage, PageRequest, Rendition
from portfolio.domain.dossier.rules.rendition import (
    LEASE,
    METHOD,
    PAGE_LEASE,
    TEXT_NOT_READ,
    UNFINISHED,
    DownloadMode,
    PageError,
    PageSize,
    Priority,
    RenditionFailure,
    RenditionKind,
    RenditionState,
)
from portfolio.domain.dossier.use_cases.renditions import CANDIDATES, lock_row
from portfolio.files.file_types.types import MAX_PAGES, FileCategory, FileType
from portfolio.files.storage.store import StoredFile


@dataclass(frozen=True, slots=True)
class StoredPage:
    """A page whose images are in the store already."""

    number: int
    images: Mapping[PageSize, StoredFile]
    text: str = ""
    hidden: int = 0
    fault: PageError | None = None
    # Its size at 100 %, in CSS pixels, 0 when it is not known; where each word of its text is.
    width: int = 0
    height: int = 0
    word_boxes: bytes = b""
    # Not yet of the image that somebody waits for: the rest of the page follows.
    is_text_read: bool = True


@dataclass(frozen=True, slots=True)
class PageStatus:
    """State of one page of a file: its order, how many pages are ready, its text, why it is not drawn."""

    rendition_id: UUID | None = None
    drawn: bool = False
    ready: int = 0
    text: str = ""
    # How many characters the file holds there that the page does not show.
    hidden: int = 0
    is_text_read: bool = True
    fault: PageError | None = None
    reason: RenditionFailure | None = None
    # Since when it is ordered.
    ordered_at: datetime | None = None
    # The priority of its request, when somebody waits for it already.
    requested: int | None = None
    # The store's key of its image at the width asked for, and the digest of that image.
    key: str | None = None
    sha256: str = ""
    # The width that is asked for already, beside the page itself.
    requested_size: PageSize | None = None
    # Its size at 100 %, in CSS pixels, and where each word of its text is, when they are known.
    width: int | None = None
    height: int | None = None
    word_boxes: bytes | None = None
    # What a machine read of a page that is a picture.
    machine_text: str | None = None

    @property
    def has_geometry(self) -> bool:
        """Tell whether the page was drawn since its size and the places of its words are kept."""
        return self.width is not None

    @property
    def pending(self) -> bool:
        """Tell whether it will be drawn."""
        return not self.drawn and self.fault is None and self.reason is None


def store_page(session: Session, rendition_id: UUID, page: StoredPage, *, at: datetime) -> list[str]:
    """Keep a page whose images are stored, and return the keys that no row names: of two of a page, the first is kept.

    A page of which only the image is there is completed. The worker that has the order keeps it a little longer.
    """
    found = session.scalar(select(Rendition).where(Rendition.id == rendition_id).with_for_update(of=Rendition))
    keys = [image.key for image in page.images.values()]
    if found is None:
        return keys
    row = session.scalar(select(Page).where(Page.rendition_id == rendition_id, Page.number == page.number))
    if row is None:
        row, unnamed = Page(rendition_id=rendition_id, number=page.number), []
        session.add(row)
    elif row.hidden != TEXT_NOT_READ or not page.is_text_read:
        return keys
    else:
        unnamed = _images_left_out(session, row, page)
    row.text, row.error = page.text, page.fault
    row.hidden = page.hidden if page.is_text_read else TEXT_NOT_READ
    row.width, row.height, row.word_boxes = page.width or None, page.height or None, page.word_boxes or None
    new = [(size, image) for size, image in page.images.items() if image.key not in unnamed]
    row.images += [PageImage(width=size, key=image.key, sha256=image.sha256, size=image.size) for size, image in new]
    found.starts_since_progress = 0
    if found.state is RenditionState.MAKING:
        found.run_after = at + LEASE
    return unnamed


def _images_left_out(session: Session, row: Page, page: StoredPage) -> list[str]:
    """Return the keys that a page does not need once it is complete: a second image of a width; all of a page
    with a fault.
    """
    if page.fault is None:
        known = {image.width for image in row.images}
        return [image.key for size, image in page.images.items() if size in known]
    dropped = [image.key for image in row.images]
    for image in row.images:
        session.delete(image)
    return dropped


def next_unread_pages(session: Session, drawn_since: datetime | None, limit: int) -> list[tuple[UUID, UUID, int]]:
    """Return pages that are pictures and that no machine looked at, the newest first: page, order, number.

    `drawn_since`: of orders ended since then only.
    """
    query = (
        select(Page.id, Page.rendition_id, Page.number)
        .join(Page.rendition)
        .join(Rendition.file)
        .where(Page.machine_text.is_(None), Page.text == "", Page.error.is_(None), Page.hidden == 0)
        .where(Rendition.kind == RenditionKind.PAGES, Rendition.method == METHOD)
        .where(EvidenceFile.family.not_in((FileCategory.AUDIO, FileCategory.VIDEO)))
        .order_by(Rendition.finished_at.desc(), Page.number)
    )
    if drawn_since is not None:
        query = query.where(Rendition.finished_at >= drawn_since)
    return [(page_id, order, number) for page_id, order, number in session.execute(query.limit(limit))]


def store_machine_text(session: Session, page_id: UUID, text: str) -> None:
    """Keep what a machine read of a page, beside what the document says itself; nothing of a page that is gone."""
    page = session.get(Page, page_id)
    if page is not None:
        page.machine_text = text


_drawn = aliased(Page)
_READY = select(func.count()).where(_drawn.rendition_id == Rendition.id, _drawn.error.is_(None)).correlate(Rendition)
# Asked at every page of a file, so built once.
_PAGE = (
    select(
        *(Rendition.id, Rendition.failure_reason, Rendition.requested_at, Rendition.method),
        *(Page.id, Page.text, Page.hidden, Page.error, PageImage.key, PageImage.sha256, PageRequest.priority),
        *(PageRequest.size, Page.width, Page.height, Page.word_boxes, Page.machine_text),
        # How many pages are ready is said while the page itself is not.
        case((Page.id.is_not(None) & Page.error.is_(None), 0), else_=_READY.scalar_subquery()).label("ready"),
    )
    .join(Rendition.file)
    .outerjoin(Page, (Page.rendition_id == Rendition.id) & (Page.number == bindparam("page")))
    .outerjoin(PageImage, (PageImage.page_id == Page.id) & (PageImage.width == bindparam("width")))
    .outerjoin(PageRequest, (PageRequest.rendition_id == Rendition.id) & (PageRequest.number == bindparam("page")))
    .where(EvidenceFile.key == bindparam("key"), Rendition.kind == RenditionKind.PAGES)
)


@read_once
def find_page(session: Session, key: str, number: int, size: PageSize) -> PageStatus:
    """Answer what is known of a page (from 1) of the file kept under this key, in one query."""
    row: Any = next(iter(fetch_rows(session, _PAGE, {"key": key, "page": number, "width": size})), None)
    if row is None:
        return PageStatus()
    rendition_id, reason, ordered_at, method, page_id, text, hidden, fault, image, sha256, requested = row[:11]
    drawn = page_id is not None and fault is None
    shown = text if text and method == METHOD else ""  # an earlier way also read what a page hides
    left = None if page_id else reason
    return PageStatus(
        *(rendition_id, drawn, row.ready, shown, max(hidden or 0, 0), hidden != TEXT_NOT_READ, fault, left, ordered_at),
        *(requested, image, sha256 or "", *row[11:-1]),
    )


@dataclass(frozen=True, slots=True)
class PageToResize:
    """A page that is drawn, of which a width is missing, or its size at 100 %."""

    id: UUID
    number: int
    missing: PageSize | None
    has_geometry: bool


def find_page_to_resize(session: Session, rendition_id: UUID, number: int, size: PageSize) -> PageToResize | None:
    """Return what is to be drawn of a page at this width; None when nothing is, or when the page itself
    is not drawn.
    """
    row: Any = session.execute(
        select(Page.id, PageImage.id, Page.width)
        .outerjoin(PageImage, (PageImage.page_id == Page.id) & (PageImage.width == size))
        .where(Page.rendition_id == rendition_id, Page.number == number, Page.error.is_(None))
    ).first()
    if row is None or (row[1] is not None and row[2] is not None):
        return None
    return PageToResize(row[0], number, None if row[1] else size, row[2] is not None)


def store_page_size(
    session: Session, rendition_id: UUID, page: PageToResize, drawn: StoredPage | None, image: StoredFile | None
) -> bool:
    """Keep the image of a page at one more width, with its size at 100 % if `drawn` tells it; return whether
    the image stays.

    The first image of a width is kept.
    """
    locked = session.scalar(select(Rendition.id).where(Rendition.id == rendition_id).with_for_update(of=Rendition))
    row = session.get(Page, page.id) if locked is not None else None
    if row is None:
        return False
    if drawn is not None and drawn.width and row.width is None:
        row.width, row.height, row.word_boxes = drawn.width, drawn.height, drawn.word_boxes or None
    known = session.scalar(select(PageImage.id).where(PageImage.page_id == page.id, PageImage.width == page.missing))
    if image is None or page.missing is None or known is not None:
        return False
    session.add(PageImage(page_id=page.id, width=page.missing, key=image.key, sha256=image.sha256, size=image.size))
    return True


# Asked at every page of an exhibit, so built once.
_HIDING = (
    select(
        EvidenceFile.pages,
        Rendition.method,
        Rendition.state,
        Rendition.contents,
        and_(EvidenceFile.mime == FileType.PDF.mime, ~Rendition.awaits_inspection).label("is_inspected"),
        exists().where(FlattenedFile.file_id == EvidenceFile.id).label("is_flattened"),
        exists().where(Page.rendition_id == Rendition.id, Page.hidden > 0).label("hides"),
        exists().where(Page.rendition_id == Rendition.id, Page.hidden == TEXT_NOT_READ).label("is_unread"),
    )
    .select_from(EvidenceFile)
    .outerjoin(Rendition, (Rendition.file_id == EvidenceFile.id) & (Rendition.kind == RenditionKind.PAGES))
    .where(EvidenceFile.key == bindparam("key"))
)


def withheld_pages(session: Session, key: str) -> DownloadMode | None:
    """Return why others than its owner do not receive a PDF of the document kept under this key: a page hides
    some of its text; its pages are not all drawn yet; it has more pages than are looked at, or cannot be
    written without what acts in it. None when they receive it.

    A page that cannot be drawn is not looked at.
    """
    found = next(iter(fetch_rows(session, _HIDING, {"key": key})), None)
    if found is None:
        return DownloadMode.READ_FIRST
    if found.is_flattened:
        return None  # a picture of what was shown, made here
    if found.method != METHOD:
        return DownloadMode.READ_FIRST
    if found.hides:
        return DownloadMode.HIDES_TEXT
    if found.state in UNFINISHED or found.is_unread:
        return DownloadMode.READ_FIRST
    is_unknown = found.is_inspected and "defused" not in (found.contents or {})
    return DownloadMode.WITHHELD if is_unknown or (found.pages or 0) > MAX_PAGES else None


def pages_hiding_text(session: Session, key: str) -> list[int]:
    """Return the numbers of the drawn pages that hide some of the text of the file kept under this key, in order."""
    query = (
        select(Page.number).join(Page.rendition).join(Rendition.file).where(EvidenceFile.key == key, Page.hidden > 0)
    )
    return list(session.scalars(query.order_by(Page.number)))


class RequestedPage(NamedTuple):
    """One page of one rendition, from 1."""

    rendition_id: UUID
    number: int
    # The width that is asked for of a page that is drawn already.
    size: PageSize | None = None


def request_page(
    session: Session, rendition_id: UUID, number: int, priority: Priority, *, at: datetime, size: PageSize | None = None
) -> None:
    """Request a page, once however many people wait for it; the highest of their priorities counts.

    `size` requests a width of a page that is drawn already; of two widths, the last one is drawn.
    """
    values = {"rendition_id": rendition_id, "number": number, "priority": priority, "requested_at": at, "run_after": at}
    if not insert_if_absent(session, PageRequest, ("rendition_id", "number"), **values, size=size):
        request = _is(RequestedPage(rendition_id, number))
        session.execute(
            update(PageRequest).where(request & (PageRequest.priority > priority)).values(priority=priority)
        )
        if size is not None:
            session.execute(update(PageRequest).where(request).values(size=size))


def page_request_due(at: ColumnElement[datetime]) -> ColumnElement[bool]:
    """Return the condition that a page waits for a worker."""
    return exists().where(PageRequest.run_after <= at)


def next_page_requests(session: Session, at: datetime) -> list[RequestedPage]:
    """Return the first pages that wait for a worker: those of the highest priority first, then the oldest."""
    query = select(PageRequest.rendition_id, PageRequest.number, PageRequest.size).where(PageRequest.run_after <= at)
    query = query.order_by(PageRequest.priority, PageRequest.requested_at).limit(CANDIDATES)
    return [RequestedPage(*row) for row in session.execute(query)]


def claim_page_request(session: Session, page: RequestedPage, *, at: datetime) -> bool:
    """Lease a requested page, and return whether this worker got it.

    Rows are locked in one order: the rendition first.
    """
    if lock_row(session, page.rendition_id) is None:
        return False
    claim = update(PageRequest).where(_is(page), PageRequest.run_after <= at).values(run_after=at + PAGE_LEASE)
    return session.execute(claim.returning(PageRequest.number)).first() is not None


def end_page_request(session: Session, page: RequestedPage) -> None:
    """Delete the request of a page that is drawn, or cannot be: a reader who still waits requests it again."""
    session.execute(delete(PageRequest).where(_is(page)))


def is_somebody_waiting(session: Session, at: datetime, priority: int) -> bool:
    """Return whether a requested page, or a rendition of a higher priority than this one, waits for a worker."""
    page = exists().where(PageRequest.run_after <= at)
    pending = Rendition.state.in_(UNFINISHED), Rendition.run_after <= at
    rendition = exists().where(*pending, Rendition.priority == Priority.HIGH, Rendition.priority < priority)
    return bool(session.scalar(select(or_(page, rendition))))


def _is(page: RequestedPage) -> ColumnElement[bool]:
    return (PageRequest.rendition_id == page.rendition_id) & (PageRequest.number == page.number)


def keys_with_thumbnail(session: Session, keys: Collection[str]) -> frozenset[str]:
    """Return those of these stored files whose first page is drawn, in one query."""
    query = (
        select(EvidenceFile.key)
        .join(Rendition, Rendition.file_id == EvidenceFile.id)
        .join(Rendition.drawn_pages)
        .join(Page.images)
        .where(EvidenceFile.key.in_(keys), Rendition.kind == RenditionKind.PAGES, ~is_private())
        .where(Page.number == 1, PageImage.width == PageSize.THUMBNAIL)
    )
    return frozenset(session.scalars(query))
