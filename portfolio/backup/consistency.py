"""State of an installation at one moment, in a few signed lines.

A restore made by other means, such as pgBackRest and a versioned bucket, is compared with it.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from portfolio.backup.repository import BackupKey, is_signed
from portfolio.db.engine import Database
from portfolio.domain.integrity_checks.verification import Verifier, check
from portfolio.domain.ledger.checkpoints import latest_checkpoint
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.rules.chain import Checkpoint
from portfolio.files.integrity.check import FileReference
from portfolio.files.integrity.references import check_files, file_references
from portfolio.files.storage.store import FileStore

_KIND = b"consistency\n"


@dataclass(frozen=True)
class Manifest:
    """The ledger and the files of one moment; `position` is how far PostgreSQL's log went then."""

    made_at: str
    position: str
    entries: int
    head: str
    files: int
    size: int
    digest: str


@dataclass(frozen=True)
class Comparison:
    """A restored installation beside the manifest: acts and files that are lost or that came later, and what
    the checks find.
    """

    entries: int
    files: int
    ledger_agrees: bool
    files_agree: bool
    # None once acts came after the moment of the manifest: the files of that moment are told apart no more.
    same_files: bool | None

    @property
    def ok(self) -> bool:
        """Return whether nothing of that moment is lost or changed."""
        return self.ledger_agrees and self.files_agree and self.same_files is not False


def make_manifest(database: Database, key: BackupKey, at: datetime) -> str:
    """Return the manifest of this moment, and its signature on a line of its own."""
    with database.reader() as session:
        is_postgresql = session.get_bind().dialect.name == "postgresql"
        if is_postgresql:
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        head = latest_checkpoint(session)
        entries = _entries(session)
        files, size, digest = _summed(file_references(session))
        # Read last: the log up to there holds all of this.
        position = session.scalar(text("SELECT pg_current_wal_insert_lsn()::text")) if is_postgresql else ""
    held = Manifest(at.isoformat(), position or "", entries, head.line if head else "", files, size, digest)
    content = json.dumps(asdict(held), sort_keys=True)
    return f"{content}\n{key.sign(_KIND + content.encode())}\n"


def read_manifest(written: str, public: str) -> Manifest | None:
    """Return a manifest that the holder of this key signed; None for anything else."""
    content, _, signature = written.strip().partition("\n")
    if not is_signed(public, _KIND + content.encode(), signature.encode()):
        return None
    said: dict[str, Any] = json.loads(content)
    return Manifest(**said)


def compare(manifest: Manifest, database: Database, store: FileStore, keys: Verifier) -> Comparison:
    """Check a restored installation whole: its ledger has the head of the manifest, its files are there."""
    heads = [Checkpoint(**json.loads(manifest.head))] if manifest.head else []
    with database.reader() as session:
        entries = _entries(session)
        ledger_agrees = entries >= manifest.entries and check(session, keys, heads).ok
        files, size, digest = _summed(file_references(session))
    same = (files, size, digest) == (manifest.files, manifest.size, manifest.digest)
    return Comparison(
        entries=entries - manifest.entries,
        files=files - manifest.files,
        ledger_agrees=ledger_agrees,
        files_agree=check_files(store, database).ok,
        same_files=same if entries == manifest.entries else None,
    )


def _entries(session: Session) -> int:
    return session.scalar(select(func.max(LedgerEntry.seq))) or 0


def _summed(references: Iterable[FileReference]) -> tuple[int, int, str]:
    files, size, digest, last = 0, 0, hashlib.sha256(), ""
    for reference in references:
        digest.update(f"{reference.key} {reference.sha256} {reference.size}\n".encode())
        if reference.key != last:
            files, size, last = files + 1, size + (reference.size or 0), reference.key
    return files, size, digest.hexdigest()
