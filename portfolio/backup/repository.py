"""The folder that holds the backups: files shared by all of them, and one folder for each backup.

files-<key of the backups>/<key>[.age]
                          a file of the store, copied once: a stored file never changes under its key
files.jsonl               one line for each of these copies: key, sizes and digests
20261126T210000Z/         a backup, published by a rename: a folder under another name was not finished
    backup.json.sig       the signature of backup.json (`portfolio/backup/repository.py`)
    backup.json           when, of which version, engine and ledger head, with the digest of each part
    files.jsonl[.age]     the files that this backup holds
    database.sqlite3[.age] or database.pgdump[.age]
    keys/…[.age]          the keys of the ledger and of the sessions, the signed heads

Authentication of backups: a key of the installation, which no backup holds, signs each of them.

The manifest has the digest of every part and of the list of files, and the list those of every file. Whoever
writes in the folder of the backups, and reads the keys that a backup holds, has not this one.
"""

from __future__ import annotations

import fcntl
import hashlib
import hmac
import json
import os
import re
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from joserfc.util import urlsafe_b64decode, urlsafe_b64encode

from portfolio.backup.encryption import ENCRYPTED_SUFFIX, CopyDigest
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.files.storage.local import fsync_directory
from portfolio.signing_key import parse_seed, read_or_create_secret

NAME_FORMAT = "%Y%m%dT%H%M%SZ"
_NAME = re.compile(r"\d{8}T\d{6}Z")
MANIFEST, FILES, FILE_LIST = "backup.json", "files", "files.jsonl"
UNFINISHED = ".unfinished-"


@dataclass(frozen=True)
class FileCopy:
    """A file of the store in the backup: its key, its size and digest, those of its copy.

    The digest of the content is empty when the copy is encrypted: it would tell who holds a known file.
    """

    key: str
    size: int
    sha256: str
    stored_size: int
    stored_sha256: str
    encrypted: bool
    place: str = FILES
    # The proof that the installation wrote this line; empty in the backups made before they were signed.
    mac: str = ""

    @classmethod
    def of(cls, key: str, copy: CopyDigest, place: str, *, encrypted: bool) -> FileCopy:
        """Describe a copy that was just written."""
        sha256 = "" if encrypted else copy.sha256
        return cls(key, copy.size, sha256, copy.stored_size, copy.stored_sha256, encrypted, place)

    @property
    def relative_path(self) -> str:
        """Return where the copy is, below the folder of the backups."""
        return f"{self.place}/{self.key}{ENCRYPTED_SUFFIX if self.encrypted else ''}"

    @property
    def line(self) -> str:
        """Return the copy as one line of JSON."""
        return json.dumps(asdict(self), separators=(",", ":")) + "\n"


def read_file_copies(lines: Iterable[str]) -> Iterator[FileCopy]:
    """Read lines of a list of files; a last line that a crash left torn is skipped.

    Raise ValueError for another one.
    """
    for line in lines:
        if line.endswith("\n"):
            yield FileCopy(**json.loads(line))


@dataclass(frozen=True)
class Backup:
    """One backup that was finished."""

    folder: Path
    made_at: datetime
    # The manifest as it was read, and its very bytes, which are signed.
    manifest: Mapping[str, Any]
    content: bytes

    @property
    def name(self) -> str:
        """Return the name of its folder, which is its moment in UTC."""
        return self.folder.name


@dataclass(frozen=True)
class Repository:
    """The folder of the backups."""

    root: Path

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the folder for one backup or one removal; raise BackupError when it is held, or cannot be made."""
        try:
            self.root.mkdir(parents=True, exist_ok=True, mode=0o700)
            descriptor = os.open(self.root / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise BackupError(BackupFailure.FOLDER, str(self.root)) from error
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise BackupError(BackupFailure.BUSY, str(self.root)) from error
            yield
        finally:
            os.close(descriptor)

    def backups(self) -> list[Backup]:
        """Return the finished backups, oldest first; raise BackupError when one cannot be read."""
        if not self.root.is_dir():
            return []
        return [
            self._read(entry) for entry in sorted(self.root.iterdir()) if _NAME.fullmatch(entry.name) and entry.is_dir()
        ]

    def latest(self) -> Backup | None:
        """Return the last finished backup."""
        found = self.backups()
        return found[-1] if found else None

    def _read(self, folder: Path) -> Backup:
        try:
            content = (folder / MANIFEST).read_bytes()
            manifest = json.loads(content)
        except (OSError, ValueError) as error:
            raise BackupError(BackupFailure.UNREADABLE, folder.name) from error
        return Backup(folder, datetime.strptime(folder.name, NAME_FORMAT).replace(tzinfo=UTC), manifest, content)

    def begin(self) -> Path:
        """Make the folder of a backup under a name that says that it is not finished; older unfinished ones
        are removed.
        """
        for left in self.root.glob(f"{UNFINISHED}*"):
            shutil.rmtree(left)
        folder = self.root / f"{UNFINISHED}{os.getpid()}"
        folder.mkdir(mode=0o700)
        return folder

    def publish(self, folder: Path, at: datetime) -> Path:
        """Give a finished backup its name, durably; raise OSError when a backup of the same second exists."""
        for path in [*folder.rglob("*"), folder]:
            if path.is_dir():
                fsync_directory(path)
        named = self.root / at.strftime(NAME_FORMAT)
        folder.rename(named)
        fsync_directory(self.root)
        return named

    def copied(self) -> dict[str, FileCopy]:
        """Return what the journal says of the files that are copied already, by key; a copy that is not there
        is left out.
        """
        journal = self.root / FILE_LIST
        if not journal.exists():
            return {}
        with journal.open() as lines:
            known = {copy.key: copy for copy in read_file_copies(lines)}
        return {key: copy for key, copy in known.items() if self._is_there(copy)}

    def _is_there(self, copy: FileCopy) -> bool:
        try:
            return (self.root / copy.relative_path).stat().st_size == copy.stored_size
        except FileNotFoundError:
            return False

    def write_journal(self, copies: Iterable[FileCopy]) -> None:
        """Write the journal again with these copies, whole or not at all."""
        draft = self.root / f".{FILE_LIST}"
        with draft.open("w") as file:
            file.writelines(copy.line for copy in copies)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.root / FILE_LIST)
        fsync_directory(self.root)


KEY_FILE, SIGNATURE = "backup.key", "backup.json.sig"
_DOMAIN = b"Acquis backup 1\n"


@dataclass(frozen=True)
class BackupKey:
    """The private key of an installation's backups."""

    seed: bytes

    @classmethod
    def load(cls, data: Path) -> BackupKey:
        """Read the key of a data folder, or make it; raise ValueError for a file that holds none."""
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return cls(parse_seed(read_or_create_secret(data / KEY_FILE)))

    @property
    def public(self) -> str:
        """Return the public key, as it is given to a restore: 43 characters."""
        return urlsafe_b64encode(self._private.public_key().public_bytes_raw()).decode()

    @property
    def place(self) -> str:
        """Return the folder of the files copied under this key: those of another one are never written over."""
        return f"files-{hashlib.sha256(self.public.encode()).hexdigest()[:12]}"

    def sign(self, manifest: bytes) -> str:
        """Return the signature of a manifest."""
        return urlsafe_b64encode(self._private.sign(_DOMAIN + manifest)).decode()

    def seal(self, copy: FileCopy) -> FileCopy:
        """Return a copy with the proof that this installation wrote it: later backups name it too."""
        return replace(copy, mac=self._mac(copy))

    def has_sealed(self, copy: FileCopy) -> bool:
        """Return whether this installation wrote this line of the journal."""
        return hmac.compare_digest(copy.mac.encode(), self._mac(copy).encode())

    @property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    def _mac(self, copy: FileCopy) -> str:
        return hmac.new(self.seed, _DOMAIN + replace(copy, mac="").line.encode(), hashlib.sha256).hexdigest()


def choose_public_key(data: Path, given: str) -> str:
    """Return the public key that a backup must be signed with: the one given, or that of this data folder.

    Raise BackupError when there is neither.
    """
    if given:
        return given.strip()
    if not (data / KEY_FILE).exists():
        raise BackupError(BackupFailure.NO_PUBLIC_KEY)
    return BackupKey.load(data).public


def is_signed(public: str, content: bytes, signature: bytes) -> bool:
    """Return whether the holder of this key signed this; raise BackupError for what is no key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(urlsafe_b64decode(public.encode()))
    except ValueError as error:
        raise BackupError(BackupFailure.BAD_PUBLIC_KEY) from error
    try:
        key.verify(urlsafe_b64decode(signature), _DOMAIN + content)
    except (InvalidSignature, ValueError):
        return False
    return True


def check_signature(backup: Backup, public: str) -> None:
    """Raise BackupError unless the holder of this key made this very backup, when its name says."""
    path = backup.folder / SIGNATURE
    if not path.exists():
        raise BackupError(BackupFailure.UNSIGNED, backup.name)
    try:
        is_ours = is_signed(public, backup.content, path.read_bytes())
    except OSError as error:
        raise BackupError(BackupFailure.NOT_OURS, backup.name) from error
    if not is_ours:
        raise BackupError(BackupFailure.NOT_OURS, backup.name)
    # An older backup under a newer name.
    if backup.manifest.get("name") != backup.made_at.strftime(NAME_FORMAT):
        raise BackupError(BackupFailure.NOT_OURS, backup.name)
