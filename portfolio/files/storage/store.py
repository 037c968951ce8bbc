"""The contract of a file store: keys chosen by us, computed digests, nothing overwritten."""

import errno
import hashlib
import io
import re
from collections.abc import Collection, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import uuid4

# Content is moved in pieces of this many bytes, so that memory stays flat whatever the file weighs.
CHUNK_BYTES = 256 * 1024

# The name of a kept file ends so, which keys cannot: "ab" and "ab/cd" may both be keys, and no stranger
# passes for a file. Every store names alike: a folder copied into a bucket, or back, is a store.
SUFFIX = ".file"

_SEGMENT = "[0-9a-f][0-9a-f-]{0,63}"
_KEY = re.compile(f"{_SEGMENT}(?:/{_SEGMENT}){{0,7}}")


@dataclass(frozen=True)
class StoredFile:
    """A stored file: its key, its size in bytes, its SHA-256 in lowercase hexadecimal."""

    key: str
    size: int
    sha256: str


class StoreError(Exception):
    """Something a store refuses or cannot do."""


class InvalidKey(StoreError, ValueError):  # noqa: N818
    """The key is not one that the application may have chosen."""


class KeyExists(StoreError):  # noqa: N818
    """A file is kept under this key, and a kept file is never overwritten."""


class KeyNotFound(StoreError, LookupError):  # noqa: N818
    """No file is kept under this key."""


class StoreFull(StoreError):  # noqa: N818
    """The place has no room left; nothing of the file was kept."""


class StoreUnavailable(StoreError):  # noqa: N818
    """The place does not answer, or not as it should; what it keeps is not lost, and it may answer later."""


class TooLarge(StoreError):  # noqa: N818
    """The content is longer than the limit; nothing of it was kept."""

    def __init__(self, limit: int) -> None:
        """Remember the limit, in bytes, so that the sentence can tell it."""
        super().__init__(f"more than {limit} bytes")
        self.limit = limit


class AdoptedFile(io.FileIO):
    """A local copy of a file that the store keeps already under its final key, read back from it and hashed."""

    def __init__(self, descriptor: int, size: int, sha256: str, key: str) -> None:
        """Take over this open file."""
        super().__init__(descriptor, "rb")
        self.size, self.sha256, self.key = size, sha256, key


class FileStore(Protocol):
    """A place that keeps files under keys the application chose, and never overwrites one.

    A place across the network may raise StoreUnavailable from any of these.
    """

    def prefetch(self, content: BinaryIO) -> None:
        """Hear of a content that may be saved next, once it has been looked at: what can be done meanwhile begins."""

    def save(self, key: str, content: BinaryIO, limit: int | None = None) -> StoredFile:
        """Keep the content durably, then answer; raises KeyExists, TooLarge (limit in bytes), StoreFull, InvalidKey."""

    def open(self, key: str) -> BinaryIO:
        """Answer the kept content, to be closed by the caller; raises KeyNotFound, InvalidKey."""

    def exists(self, key: str) -> bool:
        """Say whether a file is kept under this key; raises InvalidKey."""

    def size(self, key: str) -> int:
        """Answer the size in bytes of a kept file; raises KeyNotFound, InvalidKey."""

    def stored_at(self, key: str) -> datetime:
        """Answer the moment a file was kept, in UTC; raises KeyNotFound, InvalidKey."""

    def state(self, key: str) -> Hashable:
        """Answer what changes whenever the kept file does, without reading it; raises KeyNotFound,
        InvalidKey. Two answers are equal only if the file cannot have changed between them.
        """

    def delete(self, key: str) -> None:
        """Forget a file that nothing refers to any more; forgetting an absent one changes nothing.

        Raises InvalidKey.
        """

    def keys(self) -> Iterator[str]:
        """Answer every kept key, once each."""

    def sweep(self, older_than: datetime, spared: Collection[str] = ()) -> int:
        """Remove what sendings that never ended left before this moment, and answer how many there were.

        Those under the spared keys are waited for.
        """


def new_key() -> str:
    """Answer a key that no file has: random, and spread over 256 folders so that none grows too large."""
    name = str(uuid4())
    return f"{name[:2]}/{name}"


def checked_key(key: str) -> str:
    """Answer the key if it is made of lowercase hexadecimal segments, UUIDs included, and slashes; raises InvalidKey.

    The name a person gave to a file is never part of a key: it could climb out of the folder.
    """
    if not _KEY.fullmatch(key):
        raise InvalidKey(repr(key))
    return key


# What the system says of a full disk, a quota, a file too long for it.
NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def copy_and_hash(content: BinaryIO, file: BinaryIO, limit: int | None) -> tuple[int, str]:
    """Copy the content into the file, and answer its size in bytes and its SHA-256 in lowercase hexadecimal.

    Raises TooLarge (limit in bytes) as soon as it is passed, and whatever reading the content raises.
    """
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK_BYTES):
        size += len(chunk)
        if limit is not None and size > limit:
            raise TooLarge(limit)
        digest.update(chunk)
        file.write(chunk)
    file.flush()
    return size, digest.hexdigest()


def digest_of(content: BinaryIO) -> tuple[int, str]:
    """Answer the size in bytes of the content and its SHA-256 in lowercase hexadecimal; it is read to its end."""
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK_BYTES):
        digest.update(chunk)
        size += len(chunk)
    return size, digest.hexdigest()


@contextmanager
def disk_full_as_store_full() -> Iterator[None]:
    """Turn what the system says of a full disk or quota into StoreFull."""
    try:
        yield
    except OSError as error:
        if error.errno in NO_ROOM:
            raise StoreFull(str(error)) from error
        raise
