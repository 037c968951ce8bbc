"""Tasks of the worker that are no file's: digests, copies of the ledger's heads, what is erased at night."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from config import Config
from portfolio.attestation.services import forget
from portfolio.certificate.services.ledger import write_heads
from portfolio.certificate.services.ledger.heads import last_head_seq
from portfolio.db import Database
from portfolio.evidence.services import forget_file, forget_removed
from portfolio.review.services import list_due, write_digests
from portfolio.storage.store import FileStore
from portfolio.tasks.queue import Task
from portfolio.watch import services as watch

# How often the second place is compared with the ledger when no head was signed.
HEADS_EVERY = timedelta(minutes=1)


def write_digests_due(store: Database, _config: Config, at: datetime) -> int:
    """Write the digests that are due, and answer how many; without one, nothing is locked."""
    with store.reader() as session:
        if not list_due(session, at):
            return 0
    with store.transaction() as session:
        return write_digests(session, at=at)


@dataclass
class HeadExport:
    """Copies the signed heads of the ledger to their second place as soon as there is a new one."""

    database: Database
    config: Config
    clock: Callable[[], datetime]
    _copied: tuple[int, datetime] | None = field(default=None, init=False)

    def claim(self) -> Task | None:
        """Return how to copy the heads when there is a new one, or when a minute has passed; None otherwise."""
        with self.database.reader() as session:
            seq, at = last_head_seq(session), self.clock()
        if self._copied and self._copied[0] == seq and at - self._copied[1] < HEADS_EVERY:
            return None
        return partial(self._copy, seq, at)

    def _copy(self, seq: int, at: datetime) -> None:
        with self.database.reader() as session:
            write_heads(session, self.config.heads)
        self._copied = seq, at


def forget_openings(store: Database, at: datetime) -> int:
    """Forget who opened what, once it serves no more to count; answer how many rows went."""
    with store.transaction() as session:
        return watch.forget_openings(session, at=at)


def forget_third_parties(files: FileStore, store: Database, at: datetime) -> int:
    """Forget the third parties whose request ended long ago, with the files they had not signed; answer how many files went."""
    return _forget(forget, files, store, at)


def forget_removed_pieces(files: FileStore, store: Database, at: datetime) -> int:
    """Erase the pieces taken away long ago that no seal names, with their files and pages; answer how many files went."""
    return _forget(forget_removed, files, store, at)


def _forget(act: Callable[..., list[str]], files: FileStore, store: Database, at: datetime) -> int:
    with store.transaction() as session:
        keys = act(session, at=at)
    for key in keys:
        forget_file(files, key)
    return len(keys)
