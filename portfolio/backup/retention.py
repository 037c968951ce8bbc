"""Removal of old backups: what was erased from the product is in no backup older than the number of days that
is stated.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from portfolio.backup.repository import FILE_LIST, FILES, FileCopy, Repository, read_file_copies


@dataclass(frozen=True)
class Removed:
    """How many backups, and how many copies of files that no backup holds any more, were removed."""

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
