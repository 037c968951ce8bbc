"""Make what was ordered of a file: take the order, let the limited child work, keep each page as it comes,
give it back.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from threading import Event
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import Database
from portfolio.domain.dossier.rules.rendition import LEASE, Priority, RenditionFailure
from portfolio.domain.dossier.use_cases.conversions import (
    awaits_inspection,
    extend_lease,
    keep_active_content,
    keep_conversion,
    list_uninspected,
    request_outdated,
)
from portfolio.domain.dossier.use_cases.page_images import (
    RequestedPage,
    claim_page_request,
    end_page_request,
    is_somebody_waiting,
    next_page_requests,
    next_unread_pages,
    store_machine_text,
)
from portfolio.domain.dossier.use_cases.renditions import (
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
)
from portfolio.files.conversion.codes import NotConverted, open_made
from portfolio.files.conversion.converting import converted, with_inner_files
from portfolio.files.conversion.machine_reading import program_path, read_picture
from portfolio.files.file_types.types import PDF_TYPE, ActiveContent, Converted, Converter, file_kind
from portfolio.files.integrity.references import NotIntact
from portfolio.files.renditions.page_drawing import PageDrawing, SourceFiles
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.renditions.shared_copies.client import CannotCopy, CopyUnavailable, find_active_content
from portfolio.files.storage.store import (
    FileStore,
    InvalidKey,
    KeyNotFound,
    StoreError,
    StoreFull,
    StoreUnavailable,
    new_key,
)
from portfolio.tasks.queue import Task


class FileConversion:
    """Converts the files of the orders that a worker has taken; the lease of an order is kept meanwhile."""

    def __init__(self, sources: SourceFiles, drawing: PageDrawing) -> None:
        """Convert these files, and keep what is made among them."""
        self._sources, self._drawing = sources, drawing

    def convert(self, job: Job) -> Job | None:
        """Make a PDF or a recording of a file, keep it, and return what there is to draw of it."""
        kind = file_kind(job.mime)
        assert kind is not None
        self._sources.check(job)
        with (
            self._sources.store.open(job.key) as content,
            self._lease_kept(job.id),
            converted(content, kind, job.name) as made,
        ):
            stays = self._keep_made(job, made)
            if stays and made.converter is Converter.MEDIA:
                self._drawing.store_poster(job.id, made)
        with self._sources.database.reader() as session:
            return job_of(session, job.id) if stays else None

    def look_for_active_content(self, job: Job) -> None:
        """Note, once, what acts by itself in a file: its owner is told that the copies of the others do without.

        Of a file that cannot be known for sure nothing is noted: nobody else receives it.
        """
        with self._sources.database.reader() as session:
            if not awaits_inspection(session, job.id):
                return
        active: Collection[ActiveContent] | None = None
        with suppress(CopyUnavailable), self._sources.store.open(job.key) as content, self._lease_kept(job.id):
            with suppress(CannotCopy):
                active = find_active_content(content, job.size)
            with self._sources.database.transaction() as session:
                keep_active_content(session, job.id, active)

    def add_inner_files(self, job: Job) -> None:
        """Have the files that a PDF carries read after its own pages; without them, its own pages stay."""
        with (
            suppress(NotConverted),
            self._sources.store.open(job.key) as content,
            self._lease_kept(job.id),
            with_inner_files(content) as made,
        ):
            if made.pages > job.pages or made.entries:
                self._keep_made(job, made)

    def _keep_made(self, job: Job, made: Converted) -> bool:
        with open_made(made) as file:
            stored = self._sources.store.save(new_key(), file)
        with self._sources.database.transaction() as session:
            stays = keep_conversion(session, job.id, stored, made, at=self._sources.clock())
        if not stays:
            self._sources.delete([stored.key])
        return stays

    @contextmanager
    def _lease_kept(self, rendition_id: UUID) -> Iterator[None]:
        """Extend the lease of an order again and again meanwhile: a conversion may take longer than a turn."""
        ended = threading.Event()

        def extend() -> None:
            while not ended.wait(LEASE.total_seconds() / 3):
                with suppress(SQLAlchemyError), self._sources.database.transaction() as session:
                    extend_lease(session, rendition_id, at=self._sources.clock())

        thread = threading.Thread(target=extend, daemon=True)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()


log = structlog.get_logger("acquis")

# Pages drawn in one turn, and for how long: then others get theirs.
PAGES_A_TURN = 8
SLICE_SECONDS = 5.0
# Files looked at in one run of `inspect_remaining`.
FILES_A_TURN = 50


@dataclass(frozen=True)
class RenditionWorker:
    """Maker of renditions, with what it uses: the rows, the files, the time."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    # Set when the worker stops: a turn ends with the page that is being drawn.
    stopping: Event = field(default_factory=Event)
    # What is being made here: a lease that ends before a slow store has answered makes nobody begin twice.
    _begun: set[UUID] = field(default_factory=set, init=False, compare=False)

    @cached_property
    def _sources(self) -> SourceFiles:
        return SourceFiles(self.database, self.files, self.clock)

    @cached_property
    def _drawing(self) -> PageDrawing:
        return PageDrawing(self._sources)

    @cached_property
    def _conversion(self) -> FileConversion:
        return FileConversion(self._sources, self._drawing)

    def make(self, rendition_id: UUID, page: int | None = None) -> bool:
        """Work one turn at an order, or draw the one page that someone waits for; answer whether something is left.

        What fails for want of a store or of a child is put off; nothing is raised for what a file holds. Whatever ends
        this process, or is raised, keeps the order started: it is counted.
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
        """Lease the most urgent rendition that is due, at least as urgent as `lowest`; return how to work one
        turn at it.
        """
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
        """Give back the renditions that this worker has not finished when it stops, so that another start
        takes them at once.
        """
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
            return self._draw_turn(job)
        except NotConverted as error:
            self._refuse(job, error.reason)
        except (KeyNotFound, InvalidKey):
            self._refuse(job, RenditionFailure.NO_ORIGINAL)
        except (StoreUnavailable, StoreFull, NotIntact, NotReadable, OSError, SQLAlchemyError) as error:
            log.warning("rendition_retried_later", rendition=str(job.id), kind=type(error).__name__)
            with self.database.transaction() as session:
                retry_later(session, job.id, at=self.clock())
        return False

    def request_missing(self) -> None:
        """Order what nobody ordered, and order anew what was drawn in an earlier way."""
        with self.database.transaction() as session:
            request_missing(session, at=self.clock())
            dropped = request_outdated(session, at=self.clock())
        self._sources.delete(dropped)

    def inspect_remaining(self) -> None:
        """Look for what acts by itself in files whose pages were drawn before it was looked for, or could not
        be at that time.
        """
        with self.database.reader() as session:
            remaining = list_uninspected(session, FILES_A_TURN)
        for rendition_id in remaining:
            with self.database.reader() as session:
                job = job_of(session, rendition_id)
            with suppress(StoreError):  # a file that is gone or damaged is told by the checks
                if job is not None and not self.stopping.is_set():
                    self._conversion.look_for_active_content(job)

    def read_pictures(self, seconds: float, drawn_since: datetime | None = None) -> int:
        """Have the machine read pages that are pictures, for so many seconds; return how many it looked at."""
        until, count = time.monotonic() + seconds, 0
        while program_path() and time.monotonic() < until and not self.stopping.is_set():
            with self.database.reader() as session:
                waiting = next_unread_pages(session, drawn_since, 1)
            if not waiting:
                break
            page_id, rendition_id, number = waiting[0]
            try:
                text = read_picture(self._drawing.picture_of(rendition_id, number))
            except (StoreUnavailable, OSError):
                break
            except (StoreError, NotIntact, NotReadable):
                text = ""  # the checks say what is wrong with the file
            with self.database.transaction() as session:
                store_machine_text(session, page_id, text)
            count += 1
        return count

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
                    self._drawing.draw_awaited(job, page.number)
                if page.size is not None:
                    self._drawing.draw_size(page.rendition_id, page.number, page.size)
        finally:
            with self.database.transaction() as session:
                if job is not None:
                    acknowledge(session, job.id)
                end_page_request(session, page)

    def _awaits_conversion(self, rendition_id: UUID) -> bool:
        with self.database.reader() as session:
            job = job_of(session, rendition_id)
        return job is not None and job.awaits_conversion

    def _draw_turn(self, job: Job) -> bool:
        if job.awaits_conversion:
            made = self._conversion.convert(job)
            if made is None:
                return False
            job = made
        run = _run_of(job.missing)
        # Of a PDF whose pages are all there, the order was put off while its attached files were opened.
        attached = self._drawing.draw(job, *run, self._turn_ends(job)) if run else job.mime == PDF_TYPE
        if not run or run[1] >= job.missing[-1]:
            self._conversion.look_for_active_content(job)
            if attached and job.made_key is None:
                self._conversion.add_inner_files(job)
        with self.database.transaction() as session:
            return release(session, job.id, at=self.clock())

    def _turn_ends(self, job: Job) -> Callable[[], bool]:
        """Return what ends a turn before its last page: somebody waits for another one, or it has lasted
        long enough.
        """
        until = time.monotonic() + SLICE_SECONDS

        def ends() -> bool:
            if time.monotonic() >= until or self.stopping.is_set():
                return True
            with self.database.reader() as session:
                return is_somebody_waiting(session, self.clock(), job.priority)

        return ends

    def _refuse(self, job: Job, reason: RenditionFailure) -> None:
        log.warning("rendition_refused", rendition=str(job.id), reason=reason)
        with self.database.transaction() as session:
            fail(session, job.id, reason, at=self.clock())


def _run_of(missing: tuple[int, ...]) -> tuple[int, int] | None:
    """Return the first pages that follow each other, no more than a turn takes."""
    if not missing:
        return None
    last = missing[0]
    while last + 1 in missing and last + 1 < missing[0] + PAGES_A_TURN:
        last += 1
    return missing[0], last
