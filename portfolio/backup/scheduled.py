"""The backup that the worker makes every night, and the age of the last one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from config import Config
from portfolio.backup.create import Installation, create_backup
from portfolio.backup.encryption import Recipient
from portfolio.backup.errors import BackupError
from portfolio.backup.repository import Repository
from portfolio.backup.retention import remove_old_backups

log = structlog.get_logger("acquis")
# A nightly backup that is older than this is late.
LATE = timedelta(hours=36)


def run_scheduled_backup(here: Installation, clock: Callable[[], datetime]) -> None:
    """Make the backup of the night and remove the old ones; a failure is logged, and seen by `flask
    doctor`.
    """
    config = here.config
    if config.backup_folder is None:
        return
    repository = Repository(config.backup_folder)
    try:
        recipient = Recipient.parse(config.backup_recipient) if config.backup_recipient else None
        report = create_backup(here, repository, recipient, clock())
        removed = remove_old_backups(repository, timedelta(days=config.backup_days), clock())
    except BackupError as error:
        log.error("backup_failed", failure=error.failure.value, detail=error.detail)
        return
    level = log.info if report.ok else log.error
    level(
        "backup_made",
        name=report.name,
        files=report.files,
        added=report.added,
        seconds=report.seconds,
        removed=removed.backups,
        public_key=report.public_key,
    )


def last_backup_at(config: Config) -> datetime | None:
    """Return when the last finished backup of the settings' folder was made; None without a folder or a
    backup.
    """
    if config.backup_folder is None:
        return None
    found = Repository(config.backup_folder).latest()
    return found.made_at if found else None
