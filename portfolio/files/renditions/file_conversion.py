"""Make a PDF or a recording of a file of another format, and look for what a file holds beside its pages."""

import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

from portfolio.domain.dossier.rules.rendition import LEASE
from portfolio.domain.dossier.use_cases.conversions import (
    awaits_inspection,
    extend_lease,
    keep_active_content,
    keep_conversion,
)
from portfolio.domain.dossier.use_cases.renditions import Job, job_of
from portfolio.files.conversion.codes import NotConverted, open_made
from portfolio.files.conversion.converting import converted, with_inner_files
from portfolio.files.file_types.types import ActiveContent, Converted, Converter, file_kind
from portfolio.files.renditions.page_drawing import PageDrawing, SourceFiles
from portfolio.files.renditions.shared_copies.client import CannotCopy, CopyUnavailable, find_active_content
from portfolio.files.storage.store import new_key


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
