"""The kept files that renditions are made of: read only once they are known to be what was received."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import BinaryIO

from portfolio.db.engine import Database
from portfolio.domain.evidence.use_cases.renditions import Job
from portfolio.domain.integrity_checks.use_cases import report_damage
from portfolio.files.integrity.verified import NotIntact, Verified
from portfolio.files.storage.store import FileStore, StoreError


@dataclass(frozen=True)
class SourceFiles:
    """Where the files are, and where a damaged one is written down."""

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
