"""Errors that stop a backup or a restore; the command prints the sentence of `portfolio/wording/backup.py`."""

from enum import StrEnum


class BackupFailure(StrEnum):
    """Reasons why a backup or a restore stopped."""

    BUSY = "busy"
    FOLDER = "folder"
    RECIPIENT = "recipient"
    IDENTITY = "identity"
    NO_IDENTITY = "no_identity"
    NO_PROGRAM = "no_program"
    PROGRAM_FAILED = "program_failed"
    NO_BACKUP = "no_backup"
    UNREADABLE = "unreadable"
    DAMAGED = "damaged"
    DAMAGED_DATABASE = "damaged_database"
    UNSIGNED = "unsigned"
    NOT_OURS = "not_ours"
    NO_PUBLIC_KEY = "no_public_key"
    BAD_PUBLIC_KEY = "bad_public_key"
    OTHER_ENGINE = "other_engine"
    NOT_EMPTY = "not_empty"


class BackupError(Exception):
    """A backup or a restore that stopped; `detail` names the file, folder or program concerned."""

    def __init__(self, failure: BackupFailure, detail: str = "") -> None:
        super().__init__(f"{failure}: {detail}")
        self.failure, self.detail = failure, detail
