"""Partial uploads in a folder that every process of this machine shares, until they are whole and given to the store.

Beside the content of an upload, a text file lists its acknowledged parts: start, length and SHA-256. A part is written
and flushed first, and listed then: what is listed survives a power cut. The store takes the whole file by a hard link,
not by a copy.
"""

import fcntl
import hashlib
import os
import struct
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from portfolio.files.storage.local import UnlinkedFile, fsync_directory
from portfolio.files.storage.store import CHUNK_BYTES, disk_full_as_store_full
from portfolio.files.uploads.partial import ChecksumMismatch, Note, NotMissing, NotWhole, PartialUpload
from portfolio.files.uploads.running_digest import Range, RunningDigests, file_state, merged, missing, overlaps

# Bytes: a part in flight costs little to send again, and few requests carry a heavy file.
PART = 8 * 1024 * 1024
_LIST = ".list"
_WRITE, _READ = fcntl.F_WRLCK, fcntl.F_RDLCK


class PartialUploads:
    """The folder of unfinished files, each named by the identity of its row."""

    part, is_fixed = PART, False

    def __init__(self, folder: Path) -> None:
        """Use this folder, made when the first part comes."""
        self._folder = folder
        self._running = RunningDigests()

    def begin(self, upload_id: UUID) -> str:
        """Make an empty list of parts; the first part makes the file."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with disk_full_as_store_full():
            os.close(os.open(self._list_path(upload_id), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            fsync_directory(self._folder)
        return ""

    def holds(self, upload: PartialUpload) -> bool:
        """Return whether the list is here, and the disk did not lose what it says."""
        return self._list_path(upload.id).exists() and self._end(upload.id) <= min(self._held(upload.id), upload.size)

    def received(self, upload: PartialUpload) -> tuple[Range, ...]:
        """Return the merged ranges that are listed."""
        return merged((start, start + length) for start, length, _ in self._listed(upload.id))

    def add(
        self,
        upload: PartialUpload,
        start: int,
        length: int,
        content: BinaryIO,
        sha256: str,
        note: Note | None = None,  # noqa: ARG002
    ) -> tuple[Range, ...]:
        """Write a part in its place, flush it, then list it; parts that do not overlap are written at the same time."""
        with disk_full_as_store_full(), self._opened(upload.id, start, length) as file:
            if not self.holds(upload) or overlaps(self.received(upload), start, start + length):
                raise NotMissing(str(upload.id))
            with self._running.writing(upload.id, file):
                written = _write(file, start, length, content)
            if sha256 and written != sha256:
                raise ChecksumMismatch(f"{written} is not {sha256}")
            os.fdatasync(file)
            self._append(upload.id, f"{start} {length} {written}\n")
            self._running.follow(upload.id, self._path(upload.id), start, length)
            return self.received(upload)

    def direct(self, upload: PartialUpload) -> list[Range]:  # noqa: ARG002
        """Return none: a browser reaches this folder through us only."""
        return []

    def direct_address(self, upload: PartialUpload, start: int, sha256: str) -> str:  # noqa: ARG002
        """Raise NotMissing: there is no such part."""
        raise NotMissing(str(upload.id))

    def open_complete(self, upload: PartialUpload) -> UnlinkedFile:
        """Return the whole file with its digest.

        It was hashed while it came when this process received all of it, and nothing wrote to it since; else
        it is read once, and each part is compared with the digest under which it was acknowledged. Nobody can
        write into it any more.
        """
        if missing(self.received(upload), upload.size):
            raise NotWhole(str(upload.id))
        if not self.holds(upload):
            raise ChecksumMismatch(str(upload.id))
        path = self._path(upload.id)
        file = os.open(path, os.O_RDONLY)
        try:
            _lock(file, _READ, 0, 0)  # waits for a part that was sent twice
            if os.fstat(file).st_size != upload.size:
                raise ChecksumMismatch(str(upload.id))
            digest = self._running.result(upload.id, file_state(file), upload.size) or self._verified(file, upload.id)
            path.chmod(0o400)
            return UnlinkedFile(os.open(path, os.O_RDONLY), upload.size, digest)
        finally:
            os.close(file)

    def release(self, upload: PartialUpload) -> None:
        """Remove the names of what came of a file; a kept file has its own name."""
        self.discard(upload)

    def discard(self, upload: PartialUpload) -> None:
        """Remove what came of a file."""
        self._running.forget(upload.id)
        self._list_path(upload.id).unlink(missing_ok=True)
        self._path(upload.id).unlink(missing_ok=True)

    def sweep(self, kept: Collection[UUID], older_than: datetime) -> int:
        """Remove the files that no row names, last written before this moment, and return how many uploads
        they were of.
        """
        names = {str(upload_id) for upload_id in kept}
        found = list(self._folder.iterdir()) if self._folder.exists() else []
        lost = [
            path for path in found if path.name.removesuffix(_LIST) not in names and _written_before(path, older_than)
        ]
        for path in lost:
            path.unlink(missing_ok=True)
        return len({path.name.removesuffix(_LIST) for path in lost})

    def _path(self, upload_id: UUID) -> Path:
        return self._folder / str(upload_id)

    def _list_path(self, upload_id: UUID) -> Path:
        return self._folder / f"{upload_id}{_LIST}"

    @contextmanager
    def _opened(self, upload_id: UUID, start: int, length: int) -> Iterator[int]:
        """Open the file and lock these bytes of it, against every thread and process."""
        path = self._path(upload_id)
        try:
            file = os.open(path, os.O_RDWR)
        except PermissionError:  # whole already, and on its way to the store
            raise NotMissing(str(upload_id)) from None
        except FileNotFoundError:
            if not self._list_path(upload_id).exists():
                raise NotMissing(str(upload_id)) from None
            file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
            fsync_directory(self._folder)
        try:
            _lock(file, _WRITE, start, length)
            yield file
        finally:
            os.close(file)

    def _append(self, upload_id: UUID, line: str) -> None:
        file = os.open(self._list_path(upload_id), os.O_WRONLY | os.O_APPEND)
        try:
            os.write(file, line.encode())
        finally:
            os.close(file)

    def _listed(self, upload_id: UUID) -> list[tuple[int, int, str]]:
        """Return the acknowledged parts; a line that a crash cut is none."""
        with suppress(FileNotFoundError):
            *lines, _cut = self._list_path(upload_id).read_text().split("\n")
            return [(int(start), int(length), sha256) for start, length, sha256 in map(str.split, lines)]
        return []

    def _end(self, upload_id: UUID) -> int:
        return max((start + length for start, length, _ in self._listed(upload_id)), default=0)

    def _held(self, upload_id: UUID) -> int:
        try:
            return self._path(upload_id).stat().st_size
        except FileNotFoundError:
            return 0

    def _verified(self, file: int, upload_id: UUID) -> str:
        """Read the file once, and return its digest; raises ChecksumMismatch when a part is not what was
        acknowledged.
        """
        whole = hashlib.sha256()
        for start, length, sha256 in sorted(self._listed(upload_id)):
            part, place, end = hashlib.sha256(), start, start + length
            while place < end and (piece := os.pread(file, min(CHUNK_BYTES, end - place), place)):
                part.update(piece)
                whole.update(piece)
                place += len(piece)
            if part.hexdigest() != sha256:
                raise ChecksumMismatch(str(upload_id))
        return whole.hexdigest()


def _write(file: int, start: int, length: int, content: BinaryIO) -> str:
    """Write so many bytes of the content at this place, and return their SHA-256; raises ChecksumMismatch
    when there are fewer.
    """
    digest, place, end = hashlib.sha256(), start, start + length
    while place < end:
        piece = content.read(min(CHUNK_BYTES, end - place))
        if not piece:
            raise ChecksumMismatch(f"{end - place} bytes of {length} are missing")
        digest.update(piece)
        left = memoryview(piece)
        while left:  # a disk nearly full takes less than it is given, before it says so
            written = os.pwrite(file, left, place)
            left, place = left[written:], place + written
    return digest.hexdigest()


def _lock(file: int, kind: int, start: int, length: int) -> None:
    """Wait until these bytes are free, and lock them until the file is closed; a length of 0 reaches to the end."""
    if hasattr(fcntl, "F_OFD_SETLKW"):  # Linux: the lock belongs to the open file, hence to a thread
        fcntl.fcntl(file, fcntl.F_OFD_SETLKW, struct.pack("hhqqi", kind, os.SEEK_SET, start, length, 0))
    else:
        fcntl.flock(file, fcntl.LOCK_EX if kind == _WRITE else fcntl.LOCK_SH)


def _written_before(path: Path, moment: datetime) -> bool:
    try:
        return path.stat().st_mtime < moment.timestamp()
    except FileNotFoundError:  # its upload has just ended
        return False
