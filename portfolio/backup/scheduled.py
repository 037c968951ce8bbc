"""The backup that the worker makes every night, and the age of the last one.

Removal of old backups: what was erased from the product is in no backup older than the number of days that is stated.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from config import Config
from portfolio.backup.create import Installation, create_backup
from portfolio.backup.encryption import Recipient
from portfolio.backup.errors import BackupError
from portfolio.backup.repository import FILE_LIST, FILES, FileCopy, Repository, read_file_copies


@dataclass(frozen=True)
class Removed:
    """Numbers of removed backups, and how many copies of files that no backup holds any more, were removed."""

    backups: int
    files: int


def remove_old_backups(repository: Repository, kept: timedelta, at: datetime) -> Removed:
    """Remove the backups made longer ago than `kept`, except the last one, then the copies that no backup
    holds any more.

    Raise BackupError when a backup is being made, or when one cannot be read.
    """
    with repository.lock():
        found = repository.backups()
        old = [backup for backup in found[:-1] if backup.made_at + kept <= at]
        for backup in old:
            shutil.rmtree(backup.folder)
        held: dict[str, FileCopy] = {}
        for backup in found:
            if backup not in old:
                with (backup.folder / FILE_LIST).open() as lines:
                    held |= {copy.relative_path: copy for copy in read_file_copies(lines)}
        removed = 0
        for path in repository.root.glob(f"{FILES}*/**/*"):
            if path.is_file() and path.relative_to(repository.root).as_posix() not in held:
                path.unlink()
                removed += 1
        repository.write_journal(held.values())
    return Removed(len(old), removed)


log = structlog.get_logger("acquis")
# A nightly backup that is older than this is late.
LATE = timedelta(hours=36)


def run_scheduled_backup(here: Installation, clock: Callable[[], datetime]) -> None:
    """Make the backup of the night and remove the old ones; a failure is logged, and seen by `flask doctor`."""
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
    """Return when the last finished backup of the settings' folder was made; None without a folder or a backup."""
    if config.backup_folder is None:
        return None
    found = Repository(config.backup_folder).latest()
    return found.made_at if found else None
