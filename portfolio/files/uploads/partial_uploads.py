"""Files that come in parts wait in a folder that every process of this machine shares, until they are whole and kept."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from portfolio.files.storage.local import fsync_directory
from portfolio.files.storage.store import CHUNK_BYTES, StoreError, StoreFull, TooLarge
from portfolio.files.storage.stream_copy import disk_full_as_store_full


class ChecksumMismatch(StoreError):  # noqa: N818
    """The bytes are not those that were announced: nothing of them is kept."""


class PartialUploads:
    """The folder of unfinished files, each named by the identity of its row."""

    def __init__(self, folder: Path) -> None:
        """Use this folder, made when the first part comes."""
        self._folder = folder

    def length(self, name: UUID) -> int:
        """Answer how many bytes of a file are here, 0 when none came."""
        try:
            return self._path(name).stat().st_size
        except FileNotFoundError:
            return 0

    def check_room(self, size: int) -> None:
        """Raise StoreFull when the disk cannot hold a file of this size in bytes twice: as it comes, and as it is kept."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if shutil.disk_usage(self._folder).free < 2 * size:
            raise StoreFull(f"no room for {size} bytes, twice")

    @contextmanager
    def adding(self, name: UUID) -> Iterator[int]:
        """Lend a file to one at a time, of whatever process; who waits sees what the one before did."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        new = not self._path(name).exists()
        with disk_full_as_store_full():
            descriptor = os.open(self._path(name), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if new:
                fsync_directory(self._folder)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield descriptor
        finally:
            os.close(descriptor)

    def whole(self, name: UUID, parts: Sequence[str]) -> BinaryIO:
        """Answer a whole file, to be closed by the caller; raises Altered when it is not the parts that were acknowledged."""
        try:
            file = self._path(name).open("rb")
        except FileNotFoundError as error:
            raise ChecksumMismatch(str(name)) from error
        for part in parts:
            size, _, sha256 = part.partition(":")
            if hashlib.sha256(file.read(int(size))).hexdigest() != sha256:
                file.close()
                raise ChecksumMismatch(str(name))
        if file.read(1):
            file.close()
            raise ChecksumMismatch(str(name))
        file.seek(0)
        return file

    def forget(self, name: UUID) -> None:
        """Remove what came of a file; forgetting an absent one changes nothing."""
        self._path(name).unlink(missing_ok=True)

    def sweep(self, kept: Collection[UUID], older_than: datetime) -> int:
        """Remove the files that no row names, last written before this moment, and answer how many there were."""
        names = {str(one) for one in kept}
        found = list(self._folder.iterdir()) if self._folder.exists() else []
        lost = [one for one in found if one.name not in names and one.stat().st_mtime < older_than.timestamp()]
        for one in lost:
            one.unlink(missing_ok=True)
        return len(lost)

    def _path(self, name: UUID) -> Path:
        return self._folder / str(name)


def append_part(descriptor: int, place: int, content: BinaryIO, sha256: str, most: int) -> int:
    """Put a part at its place, in the stead of whatever a crash left there, durably; answer its size in bytes.

    Raises Altered (other bytes than announced), TooLarge (`most` bytes), StoreFull; then nothing of it stays.
    """
    with disk_full_as_store_full():
        os.ftruncate(descriptor, place)
        try:
            size, received = _received(descriptor, place, content, most)
            if received != sha256:
                raise ChecksumMismatch(f"{received} is not {sha256}")
            os.fsync(descriptor)
        except BaseException:
            os.ftruncate(descriptor, place)
            raise
    return size


def _received(descriptor: int, place: int, content: BinaryIO, most: int) -> tuple[int, str]:
    digest, size = hashlib.sha256(), 0
    while chunk := content.read(CHUNK_BYTES):
        if size + len(chunk) > most:
            raise TooLarge(most)
        digest.update(chunk)
        left = memoryview(chunk)
        while left:  # a disk nearly full takes less than it is given, before it says so
            written = os.pwrite(descriptor, left, place + size)
            left, size = left[written:], size + written
    return size, digest.hexdigest()
