"""Draw pages of a file by a limited child, and keep each as it comes.

The kept files that renditions are made of: read only once they are known to be what was received.
"""

import io
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import BinaryIO
from uuid import UUID

from portfolio.db.engine import Database
from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, PageError, PageSize
from portfolio.domain.dossier.use_cases.page_images import (
    PageToResize,
    StoredPage,
    find_page_to_resize,
    store_page,
    store_page_size,
)
from portfolio.domain.dossier.use_cases.renditions import Job, job_of
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.file_types.types import Converted, FileType, kind_of
from portfolio.files.integrity.references import NotIntact, Verified
from portfolio.files.renditions.page_images.client import RenderedPage, render_pages
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.sandbox.process import open_left
from portfolio.files.storage.store import FileStore, StoredFile, StoreError, new_key


@dataclass(frozen=True)
class SourceFiles:
    """Stores of the files, and where a damaged one is written down."""

    database: Database
    store: FileStore
    clock: Callable[[], datetime]

    def check(self, job: Job) -> None:
        """Raise NotIntact, once it is written down, when the original is not the file that was received."""
        try:
            self._verified.check(job.key, job.sha256)
        except NotIntact:
            with self.database.transaction() as session:
                report_damage(session, job.key, at=self.clock())
            raise

    def open_for_drawing(self, job: Job) -> BinaryIO:
        """Open what the pages of an order are drawn from, once it is known to be the file that was kept."""
        self.check(job)
        if job.made_key:
            self._verified.check(job.made_key, job.made_sha256)
        return self.store.open(job.made_key or job.key)

    def delete(self, keys: Iterable[str]) -> None:
        """Delete files that no row names any more."""
        for key in keys:
            with suppress(StoreError, OSError):  # the sweep of the store finds it later
                self.store.delete(key)

    @cached_property
    def _verified(self) -> Verified:
        return Verified(self.store)


class PageDrawing:
    """Draws pages of the orders that a worker has taken."""

    def __init__(self, sources: SourceFiles) -> None:
        """Draw from these files, and keep the images among them."""
        self._sources = sources

    def draw_awaited(self, job: Job, page: int) -> None:
        """Draw a page that somebody waits for: its image is kept as soon as it is there, then the rest of it."""
        self._draw(job, page, page, lambda: False, awaited=DRAWN_AHEAD[-1])

    def draw(self, job: Job, first: int, last: int, ends: Callable[[], bool]) -> int:
        """Draw pages and keep them, until `ends` says after a page to stop there; return how many files the
        PDF carries.
        """
        return self._draw(job, first, last, ends)

    def draw_size(self, rendition_id: UUID, number: int, size: PageSize) -> None:
        """Draw a page that is kept already at one more width; the image of the usual width stays in its place
        if it fails.
        """
        with self._sources.database.reader() as session:
            job, page = (job_of(session, rendition_id), find_page_to_resize(session, rendition_id, number, size))
        if job is None or page is None:
            return
        kind = FileType.PDF if job.made_key else kind_of(job.mime)
        if kind is None:
            return
        painted = self._page_at(job, kind, page, page.missing or DRAWN_AHEAD[-1])
        if painted.fault is not None:
            painted = self._page_at(job, kind, page, DRAWN_AHEAD[-1])
        self._keep_size(rendition_id, page, painted)

    def picture_of(self, rendition_id: UUID, number: int) -> bytes:
        """Return a page drawn large enough for a machine to read its words; nothing is kept of it.

        Raises NotReadable, NotIntact, StoreError.
        """
        with self._sources.database.reader() as session:
            job = job_of(session, rendition_id)
        kind = (FileType.PDF if job.made_key else kind_of(job.mime)) if job else None
        if job is None or kind is None:
            raise NotReadable(PageError.NOT_DRAWN)
        size = PageSize.LARGE
        with (
            self._sources.open_for_drawing(job) as content,
            closing(render_pages(content, kind, number, number, (size,))) as pages,
        ):
            return next(pages).images.get(size, b"")

    def store_poster(self, rendition_id: UUID, made: Converted) -> None:
        """Keep the picture of a recording as its one page."""
        self.store_page(rendition_id, _poster(made))

    def store_page(self, rendition_id: UUID, painted: RenderedPage) -> None:
        """Keep a page that was drawn, unless another worker has kept it before."""
        images = {
            size: self._sources.store.save(new_key(), io.BytesIO(image)) for size, image in painted.images.items()
        }
        page = _page_of(painted, images)
        with self._sources.database.transaction() as session:
            unnamed = store_page(session, rendition_id, page, at=self._sources.clock())
        self._sources.delete(unnamed)

    def _draw(self, job: Job, first: int, last: int, ends: Callable[[], bool], awaited: PageSize | None = None) -> int:
        kind = FileType.PDF if job.made_key else kind_of(job.mime)
        assert kind is not None
        attached = 0
        with (
            self._sources.open_for_drawing(job) as content,
            closing(render_pages(content, kind, first, last, awaited=awaited)) as pages,
        ):
            for painted in pages:
                self.store_page(job.id, painted)
                attached = painted.attached
                if painted.page < last and ends():
                    return 0  # the last page of the file is not drawn yet
        return attached

    def _page_at(self, job: Job, kind: FileType, page: PageToResize, size: PageSize) -> RenderedPage:
        """Draw one width of a page; its text is read again only when the places of its words are not known."""
        awaited, number = size if page.has_geometry else None, page.number
        with (
            self._sources.open_for_drawing(job) as content,
            closing(render_pages(content, kind, number, number, (size,), awaited=awaited)) as pages,
        ):
            return next(pages)

    def _keep_size(self, rendition_id: UUID, page: PageToResize, painted: RenderedPage) -> None:
        image = painted.images.get(page.missing or DRAWN_AHEAD[-1]) or painted.images.get(DRAWN_AHEAD[-1])
        stored = self._sources.store.save(new_key(), io.BytesIO(image)) if image and page.missing else None
        drawn = _page_of(painted, {})
        with self._sources.database.transaction() as session:
            stays = store_page_size(session, rendition_id, page, drawn, stored)
        if stored and not stays:
            self._sources.delete([stored.key])


def _page_of(painted: RenderedPage, images: Mapping[PageSize, StoredFile]) -> StoredPage:
    return StoredPage(
        *(painted.page, images, painted.text, painted.hidden, painted.fault),
        width=painted.width,
        height=painted.height,
        word_boxes=painted.word_boxes,
        is_text_read=painted.is_text_read,
    )


def _poster(made: Converted) -> RenderedPage:
    """Return the picture of a recording as its one page; a page without picture when it has none."""
    if made.poster is not None:
        with open_left(made.poster) as picture:
            for painted in render_pages(picture, FileType.PNG, 1, 1):
                return painted
    return RenderedPage(1, fault=PageError.NOT_PAGES)
