"""A file taken whole out of the body that carried it: copied by the system, hashed meanwhile, kept without another copy."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from typing import TypeVar, TypeVarTuple

# A megabyte is read at a time: memory stays flat whatever the file weighs.
_PIECE = 1 << 20
_OPEN_FILES = "/proc/self/fd"
_Answer = TypeVar("_Answer")
_Arguments = TypeVarTuple("_Arguments")


class Landed(io.FileIO):
    """A nameless file that nobody can write into any more, and its size in bytes; what it says is hashed meanwhile."""

    def __init__(self, descriptor: int, size: int) -> None:
        """Take over this open file."""
        super().__init__(descriptor, "rb")
        self.size = size
        self._hashing = _meanwhile(_hashed, descriptor, size)
        self._flushing: Future[None] | None = None

    @property
    def sha256(self) -> str:
        """Its SHA-256 in lowercase hexadecimal; raises OSError."""
        return self._hashing.result()

    def begin_to_flush(self) -> None:
        """Have the file flushed to the disk while something else is done with it."""
        self._flushing = self._flushing or _meanwhile(os.fsync, self.fileno())

    def name_it(self, path: os.PathLike[str]) -> None:
        """Give the file a name, durable once its folder is; raises FileExistsError, and OSError (EXDEV) on another disk."""
        self.begin_to_flush()
        assert self._flushing is not None
        self._flushing.result()
        folder = os.open(_OPEN_FILES, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.link(str(self.fileno()), path, src_dir_fd=folder, follow_symlinks=True)
        finally:
            os.close(folder)

    def close(self) -> None:
        """Let the file go, once nobody reads or flushes it: its descriptor will be another's."""
        wait([one for one in (getattr(self, "_hashing", None), getattr(self, "_flushing", None)) if one])
        super().close()


def can_land() -> bool:
    """Say whether this system makes nameless files that can be named later, as Linux does."""
    return hasattr(os, "O_TMPFILE") and hasattr(os, "copy_file_range") and os.path.isdir(_OPEN_FILES)


def land(source: int, start: int, end: int) -> Landed:
    """Take the bytes from `start` to `end` out of an open file, whose place does not move; raises OSError, of a full disk too."""
    made = os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR, 0o400)
    try:
        _copy(source, start, end, made)
        # Whoever opens the file from now on, a child that a hostile file took over included, can only read it.
        landed = os.open(f"{_OPEN_FILES}/{made}", os.O_RDONLY)
    finally:
        os.close(made)
    return Landed(landed, end - start)


def _meanwhile(act: Callable[[*_Arguments], _Answer], *arguments: *_Arguments) -> Future[_Answer]:
    pool = ThreadPoolExecutor(1)
    try:
        return pool.submit(act, *arguments)
    finally:
        pool.shutdown(wait=False)


def _hashed(file: int, size: int) -> str:
    digest, piece, place = hashlib.sha256(), memoryview(bytearray(_PIECE)), 0
    while place < size:
        read = os.preadv(file, [piece[: size - place]], place)
        if not read:
            raise _shorter()
        digest.update(piece[:read])
        place += read
    return digest.hexdigest()


def _copy(source: int, start: int, end: int, made: int) -> None:
    size, done = end - start, 0
    with suppress(OSError):  # the system may not copy between two kinds of disks; of a full one, writing tells
        while done < size and (copied := os.copy_file_range(source, made, size - done, start + done, done)):
            done += copied
    while done < size:
        piece = os.pread(source, min(_PIECE, size - done), start + done)
        if not piece:
            raise _shorter()
        done += os.pwrite(made, piece, done)


def _shorter() -> OSError:
    return OSError(errno.EIO, "the body is shorter than it was")
