"""Copy a stream into a file: counted, hashed, bounded, in chunks."""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from portfolio.files.storage.store import CHUNK_BYTES, StoreFull, TooLarge

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
