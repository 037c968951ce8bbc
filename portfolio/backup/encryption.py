"""Encryption of a backup with age (https://age-encryption.org): the machine that backs up holds only the public key."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from pyrage import DecryptError, IdentityError, RecipientError, decrypt_io, encrypt_io, x25519

from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.files.storage.store import copy_and_hash

ENCRYPTED_SUFFIX = ".age"


@dataclass(frozen=True)
class Recipient:
    """The public key (`age1…`) to which a backup is encrypted."""

    text: str
    key: Any

    @classmethod
    def parse(cls, text: str) -> Recipient:
        """Read a public key; raise BackupError for anything else, a private key included."""
        try:
            return cls(text.strip(), x25519.Recipient.from_str(text.strip()))
        except RecipientError as error:
            raise BackupError(BackupFailure.RECIPIENT) from error


def read_identities(path: Path) -> Sequence[Any]:
    """Return the private keys (`AGE-SECRET-KEY-1…`) of a file, one a line, comments skipped; raise
    BackupError without one.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines()]
        found = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, IdentityError) as error:
        raise BackupError(BackupFailure.IDENTITY, path.name) from error
    if not found:
        raise BackupError(BackupFailure.IDENTITY, path.name)
    return found


class HashingWriter:
    """A binary file that counts and hashes what is written to it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> int:
        """Write the bytes and take them into the digest."""
        self._digest.update(data)
        self.size += len(data)
        return self._file.write(data)

    def flush(self) -> None:
        """Flush the file."""
        self._file.flush()

    @property
    def sha256(self) -> str:
        """Return the digest of what was written, in lowercase hexadecimal."""
        return self._digest.hexdigest()


class HashingReader:
    """A binary stream that counts and hashes what is read from it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self.size = 0

    def read(self, size: int = -1) -> bytes:
        """Read the next bytes and take them into the digest."""
        data = self._file.read(size)
        self._digest.update(data)
        self.size += len(data)
        return data

    @property
    def sha256(self) -> str:
        """Return the digest of what was read, in lowercase hexadecimal."""
        return self._digest.hexdigest()


@dataclass(frozen=True)
class CopyDigest:
    """Sizes in bytes and SHA-256 of a content, and of its copy in the backup, which differ when it is encrypted."""

    size: int
    sha256: str
    stored_size: int
    stored_sha256: str


def write_copy(content: BinaryIO, path: Path, recipient: Recipient | None) -> CopyDigest:
    """Write a content to a new file, encrypted when there is a recipient; durable and whole, or absent.

    Raise OSError when the folder cannot be written, and what reading the content raises.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor, name = tempfile.mkstemp(prefix=".partial-", dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            copied = _copy(content, file, recipient)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    return copied


def _copy(content: BinaryIO, file: BinaryIO, recipient: Recipient | None) -> CopyDigest:
    if recipient is None:
        size, sha256 = copy_and_hash(content, file, None)
        return CopyDigest(size, sha256, size, sha256)
    reader, writer = HashingReader(content), HashingWriter(file)
    encrypt_io(reader, writer, [recipient.key])
    return CopyDigest(reader.size, reader.sha256, writer.size, writer.sha256)


@contextmanager
def open_copy(path: Path, identities: Sequence[Any], sha256: str = "") -> Iterator[BinaryIO]:
    """Open a copy of a backup, decrypted into a nameless temporary file when its name says that it is encrypted.

    Raise BackupError when it is missing, when no key opens it, or when it was changed; `sha256` is that of an encrypted
    copy as it is stored, for anyone may encrypt another one.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise BackupError(BackupFailure.DAMAGED, path.name) from error
    with file:
        if path.suffix != ENCRYPTED_SUFFIX:
            yield file
            return
        if not identities:
            raise BackupError(BackupFailure.NO_IDENTITY)
        with tempfile.TemporaryFile() as clear:
            try:
                stored = HashingReader(file)
                decrypt_io(stored, clear, list(identities))
            except DecryptError as error:
                raise BackupError(BackupFailure.IDENTITY, path.name) from error
            if sha256 not in {"", stored.sha256}:
                raise BackupError(BackupFailure.DAMAGED, path.name)
            clear.seek(0)
            yield clear
