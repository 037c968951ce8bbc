"""Say what keeps the next backup from being made, or is wrong with the last one."""

import shutil
import subprocess
import tempfile
from datetime import datetime
from pathlib import Path

from config import Config
from portfolio.backup.encryption import Recipient
from portfolio.backup.errors import BackupError
from portfolio.backup.scheduled import LATE, last_backup_at
from portfolio.db.engine import make_engine
from portfolio.domain.integrity_checks.rules import Finding, State


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
