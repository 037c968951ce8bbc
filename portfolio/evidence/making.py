"""Make what was ordered of a file: take the order, let the limited child work, keep each page as it comes, give it back."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from threading import Event
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db import Database
from portfolio.evidence.conversion.codes import Converted, Converter, NotConverted, file_kind
from portfolio.evidence.conversion.converting import converted, with_inner_files
from portfolio.evidence.rendering.codes import NotReadable, PageFault, kind_of
from portfolio.evidence.rendering.painting import Painted, paint
from portfolio.evidence.rules.rendition import LEASE, Priority, RefusedRendition, RenditionKind
from portfolio.evidence.services.conversions import extend_lease, keep_conversion
from portfolio.evidence.services.leaves import DrawnPage, keep_page
from portfolio.evidence.services.page_requests import (
    RequestedPage,
    claim_page_request,
    end_page_request,
    is_somebody_waiting,
    next_page_requests,
)
from portfolio.evidence.services.remaking import order_outdated
from portfolio.evidence.services.renditions import (
    Job,
    heard,
    job_of,
    keep_copy,
    next_renditions,
    order_missing,
    put_back,
    put_off,
    refuse,
    take,
    take_page,
)
from portfolio.evidence.unlocated.cut import CannotClean, written
from portfolio.evidence.unlocated.looking import NotLooked, kind_located
from portfolio.evidence.unlocated.looking import look as look_for_places
from portfolio.integrity.services import report_damage
from portfolio.storage.kinds import FileKind
from portfolio.storage.store import FileStore, InvalidKey, NotStored, StoreDown, StoreError, StoreFull, new_key
from portfolio.storage.verified import NotIntact, Verified
from portfolio.tasks.queue import Task

log = structlog.get_logger("acquis")

# Pages drawn in one turn, and for how long: then others get theirs.
PAGES_A_TURN = 8
SLICE_SECONDS = 5.0


@dataclass(frozen=True)
class Workshop:
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
        process, or is raised, leaves the order begun: it is counted.
        """
        if page is not None:
            self._draw_one(RequestedPage(rendition_id, page))
        job = self._take(rendition_id) if page is None else None
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
            job = take(session, rendition_id, at=self.clock())
        if job is not None:
            self._begun.add(rendition_id)
        return job

    def _turn(self, job: Job) -> bool:
        try:
            return self._made(job)
        finally:
            self._begun.discard(job.id)

    def _made(self, job: Job) -> bool:
        try:
            return self._copy(job) if job.kind is RenditionKind.COPY else self._draw_turn(job)
        except CannotClean:
            self._refuse(job, RefusedRendition.UNREADABLE)
        except NotConverted as error:
            self._refuse(job, error.reason)
        except (NotStored, InvalidKey):
            self._refuse(job, RefusedRendition.NO_ORIGINAL)
        except (StoreDown, StoreFull, NotIntact, NotReadable, NotLooked, OSError, SQLAlchemyError) as error:
            log.warning("rendition_put_off", rendition=str(job.id), kind=type(error).__name__)
            with self.database.transaction() as session:
                put_off(session, job.id, at=self.clock())
        return False

    def request_missing(self) -> None:
        """Order what nobody ordered, and order anew what was drawn in an earlier way."""
        with self.database.transaction() as session:
            order_missing(session, at=self.clock())
            dropped = order_outdated(session, at=self.clock())
        self._forget(dropped)

    def due(self) -> Sequence[UUID]:
        """Order what is missing, and answer the orders to take first."""
        self.request_missing()
        with self.database.reader() as session:
            return next_renditions(session, self.clock())

    def make_everything(self) -> int:
        """Make everything that is due, here and now, and answer how many orders it took."""
        self.request_missing()
        count = 0
        while task := self.claim_rendition():
            count += not task()
        return count

    def make_whole(self, rendition_id: UUID) -> None:
        """Work at an order until nothing is left of it, or it is put off."""
        while self.make(rendition_id):
            pass

    def _draw_one(self, page: RequestedPage) -> None:
        with self.database.transaction() as session:
            job = take_page(session, page.rendition_id, page.number)
        try:
            with suppress(StoreError, NotReadable):  # the order itself says what is wrong, at its turn
                if job is not None:
                    self._draw(job, page.number, page.number)
        finally:
            with self.database.transaction() as session:
                if job is not None:
                    heard(session, job.id)
                end_page_request(session, page)

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
                self._keep(job.id, _poster(made))
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
        if attached and run and run[1] >= job.missing[-1] and job.made_key is None:
            self._add_inner_files(job)
        with self.database.transaction() as session:
            return put_back(session, job.id, at=self.clock())

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
            self._forget([stored.key])
        return stays

    def _draw(self, job: Job, first: int, last: int) -> int:
        """Draw pages and keep them; return how many files the PDF carries."""
        kind = FileKind.PDF if job.made_key else kind_of(job.mime)
        assert kind is not None
        self._check(job)
        if job.made_key:
            self._verified.check(job.made_key, job.made_sha256)
        until, attached = time.monotonic() + SLICE_SECONDS, 0
        with self.files.open(job.made_key or job.key) as content, closing(paint(content, kind, first, last)) as pages:
            for painted in pages:
                self._keep(job.id, painted)
                attached = painted.attached
                if painted.page < last and self._yields(job, until):
                    return 0  # the last page of the file is not drawn yet
        return attached

    def _yields(self, job: Job, until: float) -> bool:
        """Return whether this turn ends before its last page: somebody waits for another one, or it has lasted long enough."""
        if time.monotonic() >= until or self.stopping.is_set():
            return True
        with self.database.reader() as session:
            return is_somebody_waiting(session, self.clock(), job.priority)

    def _copy(self, job: Job) -> bool:
        """Find what a copy leaves out, and keep the list of it: the copy itself is made as it is sent."""
        kind = kind_located(job.mime)
        assert kind is not None
        self._check(job)
        with self.files.open(job.key) as content:
            cuts = look_for_places(content, kind, job.size)
        kept = self.files.save(new_key(), io.BytesIO(written(cuts))) if cuts else None
        with self.database.transaction() as session:
            stays = keep_copy(session, job.id, kept, at=self.clock())
        if kept and not stays:
            self._forget([kept.key])
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

    def _keep(self, rendition_id: UUID, painted: Painted) -> None:
        images = {size: self.files.save(new_key(), io.BytesIO(image)) for size, image in painted.images.items()}
        page = DrawnPage(painted.page, images, painted.text, painted.hidden, painted.fault)
        with self.database.transaction() as session:
            kept = keep_page(session, rendition_id, page, at=self.clock())
        if not kept:
            self._forget(one.key for one in images.values())

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            with suppress(StoreError, OSError):  # the sweep of the store finds it later
                self.files.delete(key)

    def _refuse(self, job: Job, reason: RefusedRendition) -> None:
        log.warning("rendition_refused", rendition=str(job.id), reason=reason)
        with self.database.transaction() as session:
            refuse(session, job.id, reason, at=self.clock())


def _poster(made: Converted) -> Painted:
    """Return the picture of a recording as its one page; a page without picture when it has none."""
    if made.poster is not None:
        with made.poster.open("rb") as picture:
            for painted in paint(picture, FileKind.PNG, 1, 1):
                return painted
    return Painted(1, fault=PageFault.NOT_PAGES)


def _run_of(missing: tuple[int, ...]) -> tuple[int, int] | None:
    """Answer the first pages that follow each other, no more than a turn takes."""
    if not missing:
        return None
    last = missing[0]
    while last + 1 in missing and last + 1 < missing[0] + PAGES_A_TURN:
        last += 1
    return missing[0], last
