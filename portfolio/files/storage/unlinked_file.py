"""A file written once, as it comes: hashed on its way into a nameless file of the disk, and kept by being given a name."""

from __future__ import annotations

import ctypes
import hashlib
import io
import os
import tempfile
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

_OPEN_FILES = "/proc/self/fd"
# The disk is given so much at a time while the rest comes: at the end, little is left to wait for.
_WRITEBACK_BYTES = 4 << 20
_BEGIN_TO_WRITE = 2  # SYNC_FILE_RANGE_WRITE
# What comes is hashed by another thread, at most so many pieces behind: memory stays flat.
_UNHASHED = 4
_HASHING = ThreadPoolExecutor(1, "hashing")
# Where a nameless file was made: some disks, and those across a network, know none.
_SUPPORTED_FOLDERS: set[str] = set()
# As many files are flushed at once as the server answers at once, or nearly.
_FLUSHING = ThreadPoolExecutor(16, "flushing")


class HashingTempFile:
    """A nameless file on its way; whoever opens it cannot write into it."""

    def __init__(self) -> None:
        """Open it where files on their way are; raises OSError."""
        self._made = io.FileIO(os.open(tempfile.gettempdir(), os.O_TMPFILE | os.O_RDWR, 0o400), "wb")
        self._digest = hashlib.sha256()
        self._hashing: deque[Future[None]] = deque()
        self._size = self._begun = 0

    def write(self, piece: memoryview) -> None:
        """Take what came next; raises OSError, of a full disk too."""
        self._hashing.append(_HASHING.submit(self._digest.update, piece))
        if len(self._hashing) > _UNHASHED:
            self._hashing.popleft().result()
        while piece:
            written = os.write(self._made.fileno(), piece)
            self._size, piece = self._size + written, piece[written:]
        if self._size - self._begun >= _WRITEBACK_BYTES:
            _begin_to_write(self._made.fileno(), self._begun, self._size - self._begun)
            self._begun = self._size

    def landed(self) -> UnlinkedFile:
        """It is all there: answer it, and let nobody write into it any more. Raises OSError."""
        # Whoever opens the file from now on, a child that a hostile file took over included, can only read it.
        landed = os.open(f"{_OPEN_FILES}/{self._made.fileno()}", os.O_RDONLY)
        self.close()
        for piece in self._hashing:
            piece.result()
        return UnlinkedFile(landed, self._size, self._digest.hexdigest())

    def close(self) -> None:
        """Let it go."""
        self._made.close()


class UnlinkedFile(io.FileIO):
    """A nameless file that nobody can write into any more, its size in bytes, and its SHA-256 in lowercase hexadecimal."""

    def __init__(self, descriptor: int, size: int, sha256: str) -> None:
        """Take over this open file."""
        super().__init__(descriptor, "rb")
        self.size, self.sha256 = size, sha256
        self._flushing: Future[None] | None = None

    def begin_to_flush(self) -> None:
        """Have the file flushed to the disk while something else is done with it."""
        self._flushing = self._flushing or _FLUSHING.submit(os.fsync, self.fileno())

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
        """Let the file go, once nobody flushes it: its descriptor will be another's."""
        if flushing := getattr(self, "_flushing", None):
            wait([flushing])
        super().close()


def supports_unlinked_files() -> bool:
    """Say whether nameless files that can be named later are made here, as Linux does on most of its disks."""
    folder = tempfile.gettempdir()
    if folder not in _SUPPORTED_FOLDERS and hasattr(os, "O_TMPFILE") and os.path.isdir(_OPEN_FILES):
        with suppress(OSError):
            os.close(os.open(folder, os.O_TMPFILE | os.O_RDWR, 0o400))
            _SUPPORTED_FOLDERS.add(folder)
    return folder in _SUPPORTED_FOLDERS


def _begin_to_write(file: int, start: int, size: int) -> None:
    """Have the system write this part to the disk from now on, where it can be asked to."""
    try:
        ask = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError):  # a hint only: flushing does what is left
        return
    ask(file, ctypes.c_int64(start), ctypes.c_int64(size), ctypes.c_uint(_BEGIN_TO_WRITE))
