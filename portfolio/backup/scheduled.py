"""The backup that the worker makes every night, and the age of the last one.

Removal of old backups: what was erased from the product is in no backup older than the number of days that is stated.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from config import Config
from portfolio.backup.create import Installation, create_backup
from portfolio.backup.encryption import Recipient
from portfolio.backup.errors import BackupError
from portfolio.backup.repository import FILE_LIST, FILES, FileCopy, Repository, read_file_copies
from portfolio.db.engine import make_engine
from portfolio.domain.integrity_checks.rules import Finding, State


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


def examine_backup(config: Config, at: datetime) -> Finding:
    """Return the first fault: what stops the next backup comes before the age of the last one, which it explains."""
    if config.backup_folder is None:
        return Finding("backup", State.WARNING, "none")
    try:
        last = last_backup_at(config)
    except (BackupError, OSError) as error:
        return Finding("backup", State.WRONG, "unreadable", type(error).__name__)
    if (refused := refuses_files(config.backup_folder)) is not None:
        return Finding("backup", State.WRONG, "closed", refused)
    if fault := _fault_of_settings(config):
        return fault
    if last is None:
        return Finding("backup", State.WRONG, "never")
    state = State.OK if at - last <= LATE else State.WRONG
    return Finding("backup", state, "late", f"{last:%d/%m/%Y %H:%M}")


def refuses_files(folder: Path) -> str | None:
    """Return why nothing can be written in a folder, or in the one where it would be made; None when it can."""
    there = next(path for path in (folder, *folder.parents) if path.exists())
    try:
        with tempfile.TemporaryFile(dir=there):
            return None
    except OSError as error:
        return type(error).__name__


def _fault_of_settings(config: Config) -> Finding | None:
    if config.backup_recipient:
        try:
            Recipient.parse(config.backup_recipient)
        except BackupError:
            return Finding("backup", State.WRONG, "recipient")
    if not config.database_owner_url.startswith("postgresql"):
        return None
    program = shutil.which("pg_dump", path=config.postgresql_bin or None)
    if program is None:
        return Finding("backup", State.WRONG, "no_program")
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - PostgreSQL's
    ours = [int(word.split(".")[0]) for word in told.split() if word[:1].isdigit()][:1]
    theirs = _release_of_server(config)
    if not ours or ours < theirs:
        return Finding("backup", State.WRONG, "old_program", f"{told.strip()} < {theirs[0]}")
    return None


def _release_of_server(config: Config) -> list[int]:
    engine = make_engine(config.database_owner_url)
    try:
        with engine.connect() as connection:
            return [int(number) for number in (connection.dialect.server_version_info or (0,))[:1]]
    finally:
        engine.dispose()
