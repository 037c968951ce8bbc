"""What is picked up every minute: digests to write, letters to send, heads of the ledger to copy to their second place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog

from config import Config
from portfolio.db.engine import Database
from portfolio.domain.access_monitoring import use_cases as watch
from portfolio.domain.attestation.use_cases.retention import purge_expired
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.evidence.use_cases.retention import purge_removed
from portfolio.domain.evidence.use_cases.upload_batch import delete_file
from portfolio.domain.ledger.checkpoints import write_checkpoints
from portfolio.domain.review.use_cases.email_notifications import list_due_digests, queue_digests
from portfolio.files.storage.store import FileStore

log = structlog.get_logger("acquis")


def run_minutely_jobs(store: Database, config: Config, at: datetime) -> None:
    """Do everything that waits; what fails is told in the log, waits for the next turn and holds nothing else up."""
    for act in (queue_due_digests, send_pending, export_checkpoints):
        try:
            act(store, config, at)
        except Exception:
            log.exception("sweep_failed", act=act.__name__)


def queue_due_digests(store: Database, _config: Config, at: datetime) -> int:
    """Write the digests that are due, and answer how many; without one, nothing is locked."""
    with store.reader() as session:
        if not list_due_digests(session, at):
            return 0
    with store.transaction() as session:
        return queue_digests(session, at=at)


def export_checkpoints(store: Database, config: Config, _at: datetime) -> int:
    """Copy the new heads of the ledger to the second place, and answer how many."""
    with store.reader() as session:
        return write_checkpoints(session, config.heads)


def purge_access_records(store: Database, at: datetime) -> int:
    """Forget who opened what, once it serves no more to count; answer how many rows went."""
    with store.transaction() as session:
        return watch.purge_access_records(session, at=at)


def purge_third_party_data(files: FileStore, store: Database, at: datetime) -> int:
    """Forget the third parties whose request ended long ago, with the files they had not signed; answer how many files went."""
    return _purge(purge_expired, files, store, at)


def purge_removed_evidence(files: FileStore, store: Database, at: datetime) -> int:
    """Erase the pieces taken away long ago that no seal names, with their files and pages; answer how many files went."""
    return _purge(purge_removed, files, store, at)


def _purge(act: Callable[..., list[str]], files: FileStore, store: Database, at: datetime) -> int:
    with store.transaction() as session:
        keys = act(session, at=at)
    for key in keys:
        delete_file(files, key)
    return len(keys)
