"""The task of the night that keeps clocks up to date, tells people, plans what is due, and erases it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from portfolio.db.engine import Database
from portfolio.domain.retention.use_cases.clocks import compute_all
from portfolio.domain.retention.use_cases.due import plan_due, queue_notices
from portfolio.domain.retention.use_cases.erasing import run_due_erasures
from portfolio.files.storage.store import FileStore
from portfolio.files.uploads.partial import PartialUploads


@dataclass(frozen=True, slots=True)
class RetentionReport:
    """What a run did: clocks that changed, people told, erasures ordered, erasures that ended."""

    changed: int
    told: int
    planned: int
    erased: int


def apply_retention(
    database: Database, files: FileStore, uploads: PartialUploads, clock: Callable[[], datetime]
) -> RetentionReport:
    """Compute every clock, tell the people concerned, and erase what is due; a stop loses nothing, the next
    run goes on.
    """
    changed = compute_all(database, clock().date())
    told = queue_notices(database, clock())
    planned = plan_due(database, clock())
    return RetentionReport(changed, told, planned, run_due_erasures(database, files, uploads, clock))
