"""Make one backup: keys and heads, the database at one moment, then every file that the database names at
that moment.
"""

import json
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import Config
from portfolio.backup.database_copy import database_copy, engine_name
from portfolio.backup.encryption import ENCRYPTED_SUFFIX, CopyDigest, Recipient, write_copy
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import FILE_LIST, MANIFEST, NAME_FORMAT, SIGNATURE, BackupKey, FileCopy, Repository
from portfolio.db.engine import Database
from portfolio.db.maintenance import find_damage
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.ledger.checkpoints import HEADS_FILE
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.rules.chain import read_checkpoints
from portfolio.files.integrity.references import file_references
from portfolio.files.storage.store import FileStore, KeyNotFound, digest_of
from portfolio.files.storage.temporary_folder import temporary_folder
from portfolio.signing_key import KEY_FILE, PUBLIC_FILE, Keys
from portfolio.verifiable_credentials import KEY_FILE as CREDENTIAL_KEY_FILE
from portfolio.verifiable_credentials import PUBLIC_FILE as CREDENTIAL_PUBLIC_FILE

SECRET_FILE = "secret.key"  # noqa: S105 - a file name
KEY_FILES = (SECRET_FILE, KEY_FILE, PUBLIC_FILE, CREDENTIAL_KEY_FILE, CREDENTIAL_PUBLIC_FILE)


@dataclass(frozen=True)
class Installation:
    """Database, files and keys that a backup reads."""

    config: Config
    database: Database
    files: FileStore
    keys: Keys


@dataclass
class BackupReport:
    """Contents of a backup, and what it could not hold."""

    name: str = ""
    files: int = 0
    size: int = 0
    added: int = 0
    added_size: int = 0
    entries: int = 0
    ledger_intact: bool = False
    encrypted: bool = False
    # What a restore checks the signature with.
    public_key: str = ""
    # Keys of files that a row names and that the store has not, or not as the row says; and of copies that
    # read back wrong.
    missing: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    misread: list[str] = field(default_factory=list)
    # Keys given by the environment: they are not in the backup.
    keys_outside: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Tell whether everything that the rows name is in the backup, as they say."""
        return self.ledger_intact and not (self.missing or self.changed or self.misread)


def create_backup(
    here: Installation, repository: Repository, recipient: Recipient | None, at: datetime
) -> BackupReport:
    """Add one backup to the folder; the ones before stay whole whenever this one is interrupted.

    What is found wrong (a file missing, a ledger altered) is in the report and does not stop the backup.
    Raise BackupError when the folder, pg_dump or the disk does, or when the database is damaged, and
    StoreUnavailable when the files do not answer.
    """
    began = time.monotonic()
    with repository.lock():
        if (repository.root / at.strftime(NAME_FORMAT)).exists():
            raise BackupError(BackupFailure.BUSY, str(repository.root))
        if damage := find_damage(here.config.database_owner_url):
            raise BackupError(BackupFailure.DAMAGED_DATABASE, damage)
        folder = repository.begin()
        key = BackupKey.load(here.config.data)
        report = BackupReport(encrypted=recipient is not None, public_key=key.public)
        parts = dict(_copy_keys(here, folder, recipient, report))
        with (
            # In the data folder: an encrypted backup never has a clear copy beside the backups.
            temporary_folder(here.config.data / "incoming") as scratch,
            database_copy(*_database_at(here.config), scratch) as (dump, snapshot),
        ):
            _check_ledger(here, snapshot, report)
            revision = _revision(snapshot)
            copies = _copy_files(here, repository, snapshot, recipient, key, report)
            with dump.open("rb") as content:
                parts[dump.name] = asdict(write_copy(content, folder / _named(dump.name, recipient), recipient))
        _forget_erased(here, report)
        _write_list(folder / FILE_LIST, copies)
        _reread(folder, parts, recipient, report)
        report.seconds = round(time.monotonic() - began, 1)
        _write_manifest(folder, report, parts, revision, here.config, recipient, key, at)
        report.name = repository.publish(folder, at).name
    return report


def _named(name: str, recipient: Recipient | None) -> str:
    return name + (ENCRYPTED_SUFFIX if recipient else "")


def _revision(snapshot: Session) -> str | None:
    from alembic.migration import MigrationContext  # it loads slowly, and only a backup asks

    return MigrationContext.configure(snapshot.connection()).get_current_revision()


def _copy_keys(
    here: Installation, folder: Path, recipient: Recipient | None, report: BackupReport
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Copy the keys and the signed heads.

    The heads come before the database: the ledger of the copy holds all of them.
    """
    wanted = [(here.config.heads / HEADS_FILE), *(here.config.data / name for name in KEY_FILES)]
    for path in wanted:
        if path.exists():
            with path.open("rb") as content:
                name = f"keys/{path.name}"
                yield name, asdict(write_copy(content, folder / _named(name, recipient), recipient))
    given = {SECRET_FILE: os.environ.get("SECRET_KEY"), KEY_FILE: here.config.ledger_key}
    report.keys_outside = [name for name, value in given.items() if value]


def _check_ledger(here: Installation, snapshot: Session, report: BackupReport) -> None:
    report.entries = snapshot.scalar(select(func.max(LedgerEntry.seq))) or 0
    heads = here.config.heads / HEADS_FILE
    kept = (
        [head for head in read_checkpoints(heads.read_text()) if head.seq <= report.entries] if heads.exists() else []
    )
    report.ledger_intact = check(snapshot, here.keys, kept).ok


def _copy_files(
    here: Installation,
    repository: Repository,
    snapshot: Session,
    recipient: Recipient | None,
    backup_key: BackupKey,
    report: BackupReport,
) -> list[FileCopy]:
    """Copy the files that the rows of the snapshot name and that no backup holds yet; return all the copies
    of this one.
    """
    copied, encrypted = repository.copied(), recipient is not None
    found: dict[str, FileCopy] = {}
    with (repository.root / FILE_LIST).open("a") as journal:
        for reference in file_references(snapshot):
            if reference.key in found or reference.key in report.missing:
                continue
            known = copied.get(reference.key)
            if known is None or known.encrypted != encrypted or not backup_key.has_sealed(known):
                known = _copy_file(
                    here.files, repository, reference.key, reference.sha256, recipient, backup_key, report
                )
                if known is None:
                    continue
                _append(journal, known)
            found[reference.key] = known
    report.files, report.size = len(found), sum(copy.size for copy in found.values())
    return list(found.values())


def _copy_file(
    store: FileStore,
    repository: Repository,
    key: str,
    sha256: str,
    recipient: Recipient | None,
    backup_key: BackupKey,
    report: BackupReport,
) -> FileCopy | None:
    name = FileCopy(key, 0, "", 0, "", recipient is not None, backup_key.place).relative_path
    try:
        with store.open(key) as content:
            copy = write_copy(content, repository.root / name, recipient)
    except KeyNotFound:
        report.missing.append(key)
        return None
    if sha256 and copy.sha256 != sha256:
        report.changed.append(key)
    with (repository.root / name).open("rb") as written:
        if digest_of(written) != (copy.stored_size, copy.stored_sha256):
            report.misread.append(key)
    report.added += 1
    report.added_size += copy.size
    return backup_key.seal(FileCopy.of(key, copy, backup_key.place, encrypted=recipient is not None))


def _append(journal: TextIO, copy: FileCopy) -> None:
    """Note a copy in the journal: a backup that is interrupted does not copy it again."""
    journal.write(copy.line)
    journal.flush()


def _forget_erased(here: Installation, report: BackupReport) -> None:
    """Take from the missing files those that no row names any more: they were erased while the backup ran."""
    if report.missing:
        with here.database.reader() as session:
            named = {reference.key for reference in file_references(session)}
        report.missing = [key for key in report.missing if key in named]


def _database_at(config: Config) -> tuple[str, str]:
    return config.database_owner_url, config.postgresql_bin


def _write_list(path: Path, copies: Iterable[FileCopy]) -> None:
    with path.open("w") as file:
        file.writelines(copy.line for copy in copies)
        file.flush()
        os.fsync(file.fileno())


def _reread(folder: Path, parts: dict[str, dict[str, Any]], recipient: Recipient | None, report: BackupReport) -> None:
    for name, part in parts.items():
        copy = CopyDigest(**part)
        with (folder / _named(name, recipient)).open("rb") as written:
            if digest_of(written) != (copy.stored_size, copy.stored_sha256):
                report.misread.append(name)


def _write_manifest(
    folder: Path,
    report: BackupReport,
    parts: dict[str, dict[str, Any]],
    revision: str | None,
    config: Config,
    recipient: Recipient | None,
    key: BackupKey,
    at: datetime,
) -> None:
    with (folder / FILE_LIST).open("rb") as listed:
        size, sha256 = digest_of(listed)
    manifest = {
        "format": 1,
        "name": at.strftime(NAME_FORMAT),
        "made_at": at.isoformat(),
        "revision": revision,
        "engine": engine_name(config.database_owner_url),
        "encrypted_to": recipient.text if recipient else "",
        "parts": parts,
        "file_list": {"size": size, "sha256": sha256},
        "report": {name: value for name, value in asdict(report).items() if name != "name"},
    }
    content = json.dumps(manifest, ensure_ascii=False, indent=2).encode()
    for name, written in ((MANIFEST, content), (SIGNATURE, key.sign(content).encode())):
        with (folder / name).open("wb") as file:
            file.write(written)
            file.flush()
            os.fsync(file.fileno())
