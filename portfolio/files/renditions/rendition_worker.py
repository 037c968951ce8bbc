"""Make what was ordered of a file: take the order, let the limited child work, keep each page as it comes, give it back."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

import structlog
from sqlalchemy.exc import SQLAlchemyError

from portfolio.db.engine import Database
from portfolio.domain.evidence.rules.rendition import RenditionFailure, RenditionKind
from portfolio.domain.evidence.use_cases.page_images import StoredPage, store_page
from portfolio.domain.evidence.use_cases.rebuild import request_outdated
from portfolio.domain.evidence.use_cases.renditions import (
    Job,
    acknowledge,
    claim,
    claim_page,
    due_renditions,
    fail,
    release,
    request_missing,
    retry_later,
    store_copy,
)
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.integrity.verified import NotIntact, Verified
from portfolio.files.metadata_removal.byte_edits import CannotClean, edits_to_json
from portfolio.files.metadata_removal.client import ScanUnavailable, geotaggable_type
from portfolio.files.metadata_removal.client import scan as look_for_places
from portfolio.files.renditions.page_images.client import RenderedPage, render_pages
from portfolio.files.renditions.page_images.limits import NotReadable, kind_of
from portfolio.files.storage.store import FileStore, InvalidKey, KeyNotFound, StoreError, StoreFull, StoreUnavailable, new_key

log = structlog.get_logger("acquis")

# Pages drawn in one turn: then others get theirs.
PAGES_A_TURN = 8


@dataclass(frozen=True)
class RenditionWorker:
    """Where things are made: the rows, the files, the time."""

    database: Database
    files: FileStore
    clock: Callable[[], datetime]
    # What is being made here: a lease that ends before a slow store has answered makes nobody begin twice.
    _begun: set[UUID] = field(default_factory=set, init=False, compare=False)

    def make(self, rendition_id: UUID, page: int | None = None) -> bool:
        """Work one turn at an order, or draw the one page that someone waits for; answer whether something is left.

        What fails for want of a store or of a child is put off; nothing is raised for what a file holds. Whatever ends this
        process, or is raised, leaves the order begun: it is counted.
        """
        if page is not None:
            self._draw_one(rendition_id, page)
            return False
        if rendition_id in self._begun:
            return False
        self._begun.add(rendition_id)
        try:
            with self.database.transaction() as session:
                job = claim(session, rendition_id, at=self.clock())
            return job is not None and self._turn(job)
        finally:
            self._begun.discard(rendition_id)

    def _turn(self, job: Job) -> bool:
        try:
            return self._copy(job) if job.kind is RenditionKind.COPY else self._draw_turn(job)
        except CannotClean:
            self._refuse(job, RenditionFailure.UNREADABLE)
        except (KeyNotFound, InvalidKey):
            self._refuse(job, RenditionFailure.NO_ORIGINAL)
        except (StoreUnavailable, StoreFull, NotIntact, NotReadable, ScanUnavailable, OSError, SQLAlchemyError) as error:
            log.warning("rendition_retried_later", rendition=str(job.id), kind=type(error).__name__)
            with self.database.transaction() as session:
                retry_later(session, job.id, at=self.clock())
        return False

    def due(self) -> list[UUID]:
        """Order what nobody ordered, order anew what was drawn in an earlier way, and answer the orders to take now."""
        with self.database.transaction() as session:
            request_missing(session, at=self.clock())
            dropped = request_outdated(session, at=self.clock())
        self._forget(dropped)
        with self.database.reader() as session:
            return list(due_renditions(session, self.clock()))

    def make_everything(self) -> int:
        """Make everything that is due, here and now, and answer how many orders it took."""
        count = 0
        while due := self.due():
            for one in due:
                self.make_whole(one)
            count += len(due)
        return count

    def make_whole(self, rendition_id: UUID) -> None:
        """Work at an order until nothing is left of it, or it is put off."""
        while self.make(rendition_id):
            pass

    def _draw_one(self, rendition_id: UUID, page: int) -> None:
        with self.database.transaction() as session:
            job = claim_page(session, rendition_id, page)
        if job is None:
            return
        try:
            with suppress(StoreError, NotReadable):  # the order itself says what is wrong, at its turn
                self._draw(job, page, page)
        finally:
            with self.database.transaction() as session:
                acknowledge(session, job.id)

    def _draw_turn(self, job: Job) -> bool:
        run = _run_of(job.missing)
        if run:
            self._draw(job, *run)
        with self.database.transaction() as session:
            return release(session, job.id, at=self.clock())

    def _draw(self, job: Job, first: int, last: int) -> None:
        kind = kind_of(job.mime)
        assert kind is not None
        self._check(job)
        with self.files.open(job.key) as content:
            for painted in render_pages(content, kind, first, last):
                self._keep(job.id, painted)

    def _copy(self, job: Job) -> bool:
        """Find what a copy leaves out, and keep the list of it: the copy itself is made as it is sent."""
        kind = geotaggable_type(job.mime)
        assert kind is not None
        self._check(job)
        with self.files.open(job.key) as content:
            cuts = look_for_places(content, kind, job.size)
        kept = self.files.save(new_key(), io.BytesIO(edits_to_json(cuts))) if cuts else None
        with self.database.transaction() as session:
            stays = store_copy(session, job.id, kept, at=self.clock())
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

    def _keep(self, rendition_id: UUID, painted: RenderedPage) -> None:
        images = {size: self.files.save(new_key(), io.BytesIO(image)) for size, image in painted.images.items()}
        page = StoredPage(painted.page, images, painted.text, painted.hidden, painted.fault)
        with self.database.transaction() as session:
            kept = store_page(session, rendition_id, page, at=self.clock())
        if not kept:
            self._forget(one.key for one in images.values())

    def _forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            with suppress(StoreError, OSError):  # the sweep of the store finds it later
                self.files.delete(key)

    def _refuse(self, job: Job, reason: RenditionFailure) -> None:
        log.warning("rendition_refused", rendition=str(job.id), reason=reason)
        with self.database.transaction() as session:
            fail(session, job.id, reason, at=self.clock())


def _run_of(missing: tuple[int, ...]) -> tuple[int, int] | None:
    """Answer the first pages that follow each other, no more than a turn takes."""
    if not missing:
        return None
    last = missing[0]
    while last + 1 in missing and last + 1 < missing[0] + PAGES_A_TURN:
        last += 1
    return missing[0], last
