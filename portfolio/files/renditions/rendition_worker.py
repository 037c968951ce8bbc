"""Make what was ordered of a file: take the order, let the limited child work, keep each page as it comes, give it back."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from threading import Event
from typing import BinaryIO
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import Database
from portfolio.domain.evidence.rules.rendition import (
    DRAWN_AHEAD,
    LEASE,
    PageError,
    PageSize,
    Priority,
    RenditionFailure,
    RenditionKind,
)
from portfolio.domain.evidence.use_cases.conversions import (
    extend_lease,
    is_active_content_known,
    keep_active_content,
    keep_conversion,
)
from portfolio.domain.evidence.use_cases.page_images import (
    PageToResize,
    StoredPage,
    find_page_to_resize,
    store_page,
    store_page_size,
)
from portfolio.domain.evidence.use_cases.page_requests import (
    RequestedPage,
    claim_page_request,
    end_page_request,
    is_somebody_waiting,
    next_page_requests,
)
from portfolio.domain.evidence.use_cases.rebuild import request_outdated
from portfolio.domain.evidence.use_cases.renditions import (
    Job,
    acknowledge,
    claim,
    claim_page,
    fail,
    job_of,
    next_renditions,
    release,
    release_unfinished,
    request_missing,
    retry_later,
    store_copy,
)
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.conversion.codes import Converted, Converter, NotConverted, file_kind
from portfolio.files.conversion.converting import converted, with_inner_files
from portfolio.files.file_types.types import FileType
from portfolio.files.integrity.verified import NotIntact, Verified
from portfolio.files.metadata_removal.byte_edits import CannotClean, edits_to_json
from portfolio.files.metadata_removal.client import ACTING, ScanUnavailable, find_active_content, geotaggable_type
from portfolio.files.metadata_removal.client import scan as look_for_places
from portfolio.files.renditions.page_images.client import RenderedPage, render_pages
from portfolio.files.renditions.page_images.limits import NotReadable, kind_of
from portfolio.files.storage.store import (
    FileStore,
    InvalidKey,
    KeyNotFound,
    StoredFile,
    StoreError,
    StoreFull,
    StoreUnavailable,
    new_key,
)
from portfolio.tasks.queue import Task

log = structlog.get_logger("acquis")

# Pages drawn in one turn, and for how long: then others get theirs.
PAGES_A_TURN = 8
SLICE_SECONDS = 5.0


@dataclass(frozen=True)
class RenditionWorker:
    """Where things are made: the rows, the files, the time."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    # Set when the worker stops: a turn ends with the page that is being drawn.
    stopping: Event = field(default_factory=Event)
    # What is being made here: a lease that ends before a slow store has answered makes nobody begin twice.
    _begun: set[UUID] = field(default_factory=set, init=False, compare=False)

    def make(self, rendition_id: UUID, page: int | None = None) -> bool:
        """Work one turn at an order, or draw the one page that someone waits for; answer whether something is left.

        What fails for want of a store or of a child is put off; nothing is raised for what a file holds. Whatever ends this
        process, or is raised, keeps the order started: it is counted.
        """
        if page is not None and not self._awaits_conversion(rendition_id):
            self._draw_one(RequestedPage(rendition_id, page))
            return False
        job = self._take(rendition_id)
        return job is not None and self._turn(job)

    def claim_page(self) -> Task | None:
        """Lease the page that somebody waits for first; return how to draw it, or None when nobody waits."""
        with self.database.reader() as session:
            pages = next_page_requests(session, self.clock())
        for page in pages:
            with self.database.transaction() as session:
                claimed = claim_page_request(session, page, at=self.clock())
            if claimed:
                return partial(self._draw_one, page)
        return None

    def claim_rendition(self, lowest: Priority = Priority.LOW) -> Task | None:
        """Lease the most urgent rendition that is due, at least as urgent as `lowest`; return how to work one turn at it."""
        with self.database.reader() as session:
            due = next_renditions(session, self.clock(), lowest, tuple(self._begun))
        for rendition_id in due:
            if job := self._take(rendition_id):
                return partial(self._turn, job)
        return None

    def _take(self, rendition_id: UUID) -> Job | None:
        if rendition_id in self._begun:
            return None
        with self.database.transaction() as session:
            job = claim(session, rendition_id, at=self.clock())
        if job is not None:
            self._begun.add(rendition_id)
        return job

    def release(self) -> None:
        """Give back the renditions that this worker has not finished when it stops, so that another start takes them at once."""
        for rendition_id in tuple(self._begun):
            with suppress(SQLAlchemyError), self.database.transaction() as session:
                release_unfinished(session, rendition_id, at=self.clock())

    def _turn(self, job: Job) -> bool:
        try:
            return self._made(job)
        finally:
            self._begun.discard(job.id)

    def _made(self, job: Job) -> bool:
        try:
            return self._copy(job) if job.kind is RenditionKind.COPY else self._draw_turn(job)
        except CannotClean:
            self._refuse(job, RenditionFailure.UNREADABLE)
        except NotConverted as error:
            self._refuse(job, error.reason)
        except (KeyNotFound, InvalidKey):
            self._refuse(job, RenditionFailure.NO_ORIGINAL)
        except (StoreUnavailable, StoreFull, NotIntact, NotReadable, ScanUnavailable, OSError, SQLAlchemyError) as error:
            log.warning("rendition_retried_later", rendition=str(job.id), kind=type(error).__name__)
            with self.database.transaction() as session:
                retry_later(session, job.id, at=self.clock())
        return False

    def request_missing(self) -> None:
        """Order what nobody ordered, and order anew what was drawn in an earlier way."""
        with self.database.transaction() as session:
            request_missing(session, at=self.clock())
            dropped = request_outdated(session, at=self.clock())
        self._delete_files(dropped)

    def due(self) -> Sequence[UUID]:
        """Order what is missing, and return the orders to take first."""
        self.request_missing()
        with self.database.reader() as session:
            return next_renditions(session, self.clock())

    def run_all_due(self) -> int:
        """Make everything that is due, here and now, and answer how many orders it took."""
        self.request_missing()
        count = 0
        while task := self.claim_rendition():
            count += not task()
        return count

    def run(self, rendition_id: UUID) -> None:
        """Work at an order until nothing is left of it, or it is put off."""
        while self.make(rendition_id):
            pass

    def _draw_one(self, page: RequestedPage) -> None:
        with self.database.transaction() as session:
            job = claim_page(session, page.rendition_id, page.number)
        try:
            with suppress(StoreError, NotReadable):  # the order itself says what is wrong, at its turn
                if job is not None:
                    self._draw(job, page.number, page.number)
                if page.size is not None:
                    self._draw_size(page.rendition_id, page.number, page.size)
        finally:
            with self.database.transaction() as session:
                if job is not None:
                    acknowledge(session, job.id)
                end_page_request(session, page)

    def _draw_size(self, rendition_id: UUID, number: int, size: PageSize) -> None:
        """Draw a page that is kept already at one more width; the image of the usual width stays in its place if it fails."""
        with self.database.reader() as session:
            job, page = job_of(session, rendition_id), find_page_to_resize(session, rendition_id, number, size)
        if job is None or page is None:
            return
        kind = FileType.PDF if job.made_key else kind_of(job.mime)
        if kind is None:
            return
        painted = self._page_at(job, kind, number, (page.missing or DRAWN_AHEAD[-1],))
        if painted.fault is not None:
            painted = self._page_at(job, kind, number, DRAWN_AHEAD)
        self._keep_size(rendition_id, page, painted)

    def _page_at(self, job: Job, kind: FileType, number: int, sizes: Sequence[PageSize]) -> RenderedPage:
        with self._open_for_drawing(job) as content, closing(render_pages(content, kind, number, number, sizes)) as pages:
            return next(pages)

    def _keep_size(self, rendition_id: UUID, page: PageToResize, painted: RenderedPage) -> None:
        image = painted.images.get(page.missing or DRAWN_AHEAD[-1]) or painted.images.get(DRAWN_AHEAD[-1])
        stored = self.files.save(new_key(), io.BytesIO(image)) if image and page.missing else None
        drawn = _page_of(painted, {})
        with self.database.transaction() as session:
            stays = store_page_size(session, rendition_id, page, drawn, stored)
        if stored and not stays:
            self._delete_files([stored.key])

    def _awaits_conversion(self, rendition_id: UUID) -> bool:
        with self.database.reader() as session:
            job = job_of(session, rendition_id)
        return job is not None and job.awaits_conversion

    def _convert(self, job: Job) -> Job | None:
        """Make a PDF or a recording of a file, keep it, and return what there is to draw of it."""
        kind = file_kind(job.mime)
        assert kind is not None
        self._check(job)
        with (
            self.files.open(job.key) as content,
            self._lease_kept(job.id),
            converted(content, kind, job.name) as made,
        ):
            stays = self._keep_made(job, made)
            if stays and made.converter is Converter.MEDIA:
                self._store_page(job.id, _poster(made))
        with self.database.reader() as session:
            return job_of(session, job.id) if stays else None

    @contextmanager
    def _lease_kept(self, rendition_id: UUID) -> Iterator[None]:
        """Extend the lease of an order again and again meanwhile: a conversion may take longer than a turn."""
        ended = threading.Event()

        def extend() -> None:
            while not ended.wait(LEASE.total_seconds() / 3):
                with suppress(SQLAlchemyError), self.database.transaction() as session:
                    extend_lease(session, rendition_id, at=self.clock())

        thread = threading.Thread(target=extend, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _draw_turn(self, job: Job) -> bool:
        if job.awaits_conversion:
            made = self._convert(job)
            if made is None:
                return False
            job = made
        run = _run_of(job.missing)
        attached = self._draw(job, *run) if run else 0
        if not run or run[1] >= job.missing[-1]:
            self._look_for_active_content(job)
        if attached and run and run[1] >= job.missing[-1] and job.made_key is None:
            self._add_inner_files(job)
        with self.database.transaction() as session:
            return release(session, job.id, at=self.clock())

    def _look_for_active_content(self, job: Job) -> None:
        """Note, once, what acts by itself in a file: its owner is told that the copies of the others do without.

        Of a file that cannot be known for sure nothing is noted: nobody else receives it.
        """
        kind = file_kind(job.mime)
        if kind not in ACTING:
            return
        with self.database.reader() as session:
            if is_active_content_known(session, job.id):
                return
        with suppress(CannotClean, ScanUnavailable), self.files.open(job.key) as content, self._lease_kept(job.id):
            active = find_active_content(content, kind, job.size)
            with self.database.transaction() as session:
                keep_active_content(session, job.id, active)

    def _add_inner_files(self, job: Job) -> None:
        """Have the files that a PDF carries read after its own pages; without them, its own pages stay."""
        with (
            suppress(NotConverted),
            self.files.open(job.key) as content,
            self._lease_kept(job.id),
            with_inner_files(content) as made,
        ):
            if made.pages > job.pages or made.entries:
                self._keep_made(job, made)

    def _keep_made(self, job: Job, made: Converted) -> bool:
        with made.path.open("rb") as file:
            stored = self.files.save(new_key(), file)
        with self.database.transaction() as session:
            stays = keep_conversion(session, job.id, stored, made, at=self.clock())
        if not stays:
            self._delete_files([stored.key])
        return stays

    def _draw(self, job: Job, first: int, last: int) -> int:
        """Draw pages and keep them; return how many files the PDF carries."""
        kind = FileType.PDF if job.made_key else kind_of(job.mime)
        assert kind is not None
        until, attached = time.monotonic() + SLICE_SECONDS, 0
        with self._open_for_drawing(job) as content, closing(render_pages(content, kind, first, last)) as pages:
            for painted in pages:
                self._store_page(job.id, painted)
                attached = painted.attached
                if painted.page < last and self._yields(job, until):
                    return 0  # the last page of the file is not drawn yet
        return attached

    def _open_for_drawing(self, job: Job) -> BinaryIO:
        """Open what the pages of an order are drawn from, once it is known to be the file that was kept."""
        self._check(job)
        if job.made_key:
            self._verified.check(job.made_key, job.made_sha256)
        return self.files.open(job.made_key or job.key)

    def _yields(self, job: Job, until: float) -> bool:
        """Return whether this turn ends before its last page: somebody waits for another one, or it has lasted long enough."""
        if time.monotonic() >= until or self.stopping.is_set():
            return True
        with self.database.reader() as session:
            return is_somebody_waiting(session, self.clock(), job.priority)

    def _copy(self, job: Job) -> bool:
        """Find what a copy omits, and keep the list of it: the copy itself is made as it is sent."""
        kind = geotaggable_type(job.mime)
        assert kind is not None
        self._check(job)
        with self.files.open(job.key) as content:
            cuts = look_for_places(content, kind, job.size)
        stored = self.files.save(new_key(), io.BytesIO(edits_to_json(cuts))) if cuts else None
        with self.database.transaction() as session:
            stays = store_copy(session, job.id, stored, at=self.clock())
        if stored and not stays:
            self._delete_files([stored.key])
        return False

    def _check(self, job: Job) -> None:
        """Raise NotIntact, once it is written down, when the original is not the file that was received."""
        try:
            self._verified.check(job.key, job.sha256)
        except NotIntact:
            with self.database.transaction() as session:
                report_damage(session, job.key, at=self.clock())
            raise

    @cached_property
    def _verified(self) -> Verified:
        return Verified(self.files)

    def _store_page(self, rendition_id: UUID, painted: RenderedPage) -> None:
        images = {size: self.files.save(new_key(), io.BytesIO(image)) for size, image in painted.images.items()}
        page = _page_of(painted, images)
        with self.database.transaction() as session:
            is_stored = store_page(session, rendition_id, page, at=self.clock())
        if not is_stored:
            self._delete_files(stored_file.key for stored_file in images.values())

    def _delete_files(self, keys: Iterable[str]) -> None:
        for key in keys:
            with suppress(StoreError, OSError):  # the sweep of the store finds it later
                self.files.delete(key)

    def _refuse(self, job: Job, reason: RenditionFailure) -> None:
        log.warning("rendition_refused", rendition=str(job.id), reason=reason)
        with self.database.transaction() as session:
            fail(session, job.id, reason, at=self.clock())


def _page_of(painted: RenderedPage, images: Mapping[PageSize, StoredFile]) -> StoredPage:
    return StoredPage(
        *(painted.page, images, painted.text, painted.hidden, painted.fault),
        width=painted.width,
        height=painted.height,
        word_boxes=painted.word_boxes,
    )


def _poster(made: Converted) -> RenderedPage:
    """Return the picture of a recording as its one page; a page without picture when it has none."""
    if made.poster is not None:
        with made.poster.open("rb") as picture:
            for painted in render_pages(picture, FileType.PNG, 1, 1):
                return painted
    return RenderedPage(1, fault=PageError.NOT_PAGES)


def _run_of(missing: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the first pages that follow each other, no more than a turn takes."""
    if not missing:
        return None
    last = missing[0]
    while last + 1 in missing and last + 1 < missing[0] + PAGES_A_TURN:
        last += 1
    return missing[0], last
