"""Put a backup in the place of an empty installation: files, keys, database; then check all of it."""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from config import Config
from portfolio.backup.create import KEY_FILES
from portfolio.backup.database_copy import POSTGRESQL_NAME, SQLITE_NAME, engine_name, is_empty, restore_copy
from portfolio.backup.encryption import ENCRYPTED_SUFFIX, open_copy
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import FILE_LIST, Backup, FileCopy, Repository, check_signature, read_file_copies
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.checkpoints import HEADS_FILE
from portfolio.domain.ledger.rules.chain import Checkpoint, read_checkpoints
from portfolio.files.integrity.references import check_files
from portfolio.files.storage.store import FileStore, KeyExists, copy_and_hash, digest_of
from portfolio.files.storage.temporary_folder import temporary_folder
from portfolio.files.uploads.factory import create_store
from portfolio.on_commit import open_database
from portfolio.signing_key import load_keys


@dataclass
class RestoreReport:
    """Result of a restore: what was put back, and what the checks found."""

    made_at: datetime
    # Whether the signature of the backup was checked.
    authenticated: bool = True
    files: int = 0
    size: int = 0
    damaged: list[str] = field(default_factory=list)
    # Entries of the ledger that a signed head kept elsewhere proves, and that came after this backup.
    lost_entries: int = 0
    ledger_intact: bool = False
    grants_agree: bool = False
    files_agree: bool = False
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Return whether everything is back and every check agrees."""
        return self.ledger_intact and self.grants_agree and self.files_agree and not self.damaged


def choose_backup(repository: Repository, name: str = "") -> Backup:
    """Return the backup of this name, or the last one; raise BackupError when there is none."""
    found = [backup for backup in repository.backups() if name in {"", backup.name}]
    if not found:
        raise BackupError(BackupFailure.NO_BACKUP, name or str(repository.root))
    return found[-1]


def restore_backup(
    config: Config, repository: Repository, backup: Backup, identities: Sequence[Any], signed_by: str | None
) -> RestoreReport:
    """Restore into the database and the store of these settings, both empty; started again, it goes on where it
    stopped.

    `signed_by`: the public key of who made it; None takes what anybody may have written there. A file that reads back
    wrong is left out and named in the report. Raise BackupError before anything is written when it is not signed by
    this key, when the database is not empty, when its engine is another one, or when no key opens the backup.
    """
    from portfolio.backup.migration import upgrade  # Alembic loads slowly, and reports are worded without it

    began = time.monotonic()
    if signed_by is not None:
        check_signature(backup, signed_by)
    _check_parts(config, backup, identities)
    report = RestoreReport(backup.made_at, authenticated=signed_by is not None)
    store = create_store(config)
    _restore_files(store, repository, backup, identities, report)
    with temporary_folder(config.data / "incoming") as folder:
        clear = _decrypt_parts(backup, folder, identities)
        _restore_keys(config, clear, report)
        restore_copy(config.database_owner_url, clear[_database_name(config)], config.postgresql_bin)
    upgrade(config.database_owner_url, application_url=config.database_url)
    _check_all(config, store, report)
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _database_name(config: Config) -> str:
    return SQLITE_NAME if engine_name(config.database_owner_url) == "sqlite" else POSTGRESQL_NAME


def _path_of(backup: Backup, name: str) -> Path:
    return backup.folder / (name + (ENCRYPTED_SUFFIX if backup.manifest["encrypted_to"] else ""))


def _check_parts(config: Config, backup: Backup, identities: Sequence[Any]) -> None:
    if backup.manifest["engine"] != engine_name(config.database_owner_url):
        raise BackupError(BackupFailure.OTHER_ENGINE, backup.manifest["engine"])
    if not is_empty(config.database_owner_url):
        raise BackupError(BackupFailure.NOT_EMPTY)
    if backup.manifest["encrypted_to"] and not identities:
        raise BackupError(BackupFailure.NO_IDENTITY)
    for name, part in backup.manifest["parts"].items():
        _check_digest(_path_of(backup, name), part["stored_size"], part["stored_sha256"])
    listed = backup.manifest["file_list"]
    _check_digest(backup.folder / FILE_LIST, listed["size"], listed["sha256"])


def _check_digest(path: Path, size: int, sha256: str) -> None:
    try:
        with path.open("rb") as content:
            found = digest_of(content)
    except OSError as error:
        raise BackupError(BackupFailure.DAMAGED, path.name) from error
    if found != (size, sha256):
        raise BackupError(BackupFailure.DAMAGED, path.name)


def _restore_files(
    store: FileStore, repository: Repository, backup: Backup, identities: Sequence[Any], report: RestoreReport
) -> None:
    for copy in _listed(backup):
        try:
            _restore_file(store, repository.root / copy.relative_path, copy, identities)
        except BackupError as error:
            if error.failure is not BackupFailure.DAMAGED:
                raise
            report.damaged.append(copy.key)
        else:
            report.files += 1
            report.size += copy.size


def _listed(backup: Backup) -> Iterator[FileCopy]:
    """Read the list of files from a copy of our own: what is compared with the manifest is what is used."""
    listed = backup.manifest["file_list"]
    with TemporaryFile("w+b") as file:
        with (backup.folder / FILE_LIST).open("rb") as content:
            if copy_and_hash(content, file, None) != (listed["size"], listed["sha256"]):
                raise BackupError(BackupFailure.DAMAGED, FILE_LIST)
        file.seek(0)
        yield from read_file_copies(line.decode() for line in file)


def _restore_file(store: FileStore, path: Path, copy: FileCopy, identities: Sequence[Any]) -> None:
    """Put one file back; a file that an interrupted restore left is kept when it is the same."""
    with open_copy(path, identities, copy.stored_sha256 if copy.mac else "") as content:
        found = digest_of(content)
        if found[0] != copy.size or copy.sha256 not in {"", found[1]}:
            raise BackupError(BackupFailure.DAMAGED, copy.key)
        content.seek(0)
        try:
            store.save(copy.key, content)
        except KeyExists:
            with store.open(copy.key) as kept:
                if digest_of(kept) != found:
                    raise BackupError(BackupFailure.NOT_EMPTY, copy.key) from None


def _decrypt_parts(backup: Backup, folder: Path, identities: Sequence[Any]) -> Mapping[str, Path]:
    """Write the parts of a backup in clear into a temporary folder; return their paths by name."""
    clear = {}
    for name, part in backup.manifest["parts"].items():
        path = folder / Path(name).name
        with open_copy(_path_of(backup, name), identities) as content, path.open("wb") as file:
            if copy_and_hash(content, file, None) != (part["size"], part["sha256"]):
                raise BackupError(BackupFailure.DAMAGED, name)
        clear[Path(name).name] = path
    return clear


def _restore_keys(config: Config, clear: Mapping[str, Path], report: RestoreReport) -> None:
    """Put the keys back, and the signed heads; heads that survived in their second place tell what came after
    the backup.
    """
    for name in KEY_FILES:
        if name in clear:
            _replace(config.data / name, clear[name].read_bytes())
    if HEADS_FILE not in clear:
        return
    kept = config.heads / HEADS_FILE
    survived = _heads(kept)
    if survived:
        restored = _heads(clear[HEADS_FILE])
        report.lost_entries = max(0, survived[-1].seq - (restored[-1].seq if restored else 0))
        kept.rename(kept.with_name(f"{HEADS_FILE}.before-restore"))
    kept.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(kept, clear[HEADS_FILE].read_bytes())


def _heads(path: Path) -> list[Checkpoint]:
    return list(read_checkpoints(path.read_text())) if path.exists() and path.stat().st_size else []


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(f".{path.name}.restoring")
    draft.touch(mode=0o600)
    draft.write_bytes(content)
    draft.replace(path)


def _check_all(config: Config, store: FileStore, report: RestoreReport) -> None:
    """Check the ledger against its heads, recompute the grants, read every file again."""
    database = open_database(config.database_url)
    keys = load_keys(config.data, config.ledger_key)
    try:
        with database.reader() as session:
            report.ledger_intact = check(session, keys, _heads(config.heads / HEADS_FILE)).ok
        with database.reader() as session:
            report.grants_agree = recompute(session).ok
        report.files_agree = check_files(store, database).ok
    finally:
        database.engine.dispose()
