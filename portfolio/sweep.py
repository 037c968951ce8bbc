"""What is picked up every minute: digests to write, letters to send, heads of the ledger to copy to their second place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from config import Config
from portfolio.attestation.services import forget
from portfolio.certificate.services.ledger import write_heads
from portfolio.db import Database
from portfolio.evidence.services import forget_file, forget_removed
from portfolio.mail.delivery import deliver
from portfolio.review.services import list_due, write_digests
from portfolio.storage.store import FileStore
from portfolio.watch import services as watch

log = structlog.get_logger("acquis")


def sweep(store: Database, config: Config, at: datetime) -> None:
    """Do everything that waits; what fails is told in the log, waits for the next turn and holds nothing else up."""
    for act in (write_digests_due, deliver, copy_heads):
        try:
            act(store, config, at)
        except Exception:
            log.exception("sweep_failed", act=act.__name__)


def write_digests_due(store: Database, _config: Config, at: datetime) -> int:
    """Write the digests that are due, and answer how many; without one, nothing is locked."""
    with store.reader() as session:
        if not list_due(session, at):
            return 0
    with store.transaction() as session:
        return write_digests(session, at=at)


def copy_heads(store: Database, config: Config, _at: datetime) -> int:
    """Copy the new heads of the ledger to the second place, and answer how many."""
    with store.reader() as session:
        return write_heads(session, config.heads)


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
