"""A file that is on the disk already, hashed on its way: it is kept by a hard link, without a copy."""

from __future__ import annotations

import io
import os
from concurrent.futures import Future, ThreadPoolExecutor, wait

_OPEN_FILES = "/proc/self/fd"
# As many files are flushed at once as the server answers at once, or nearly.
_FLUSHING = ThreadPoolExecutor(16, "flushing")


class UnlinkedFile(io.FileIO):
    """An open file that nobody can write into any more, its size in bytes, and its SHA-256 in lowercase
    hexadecimal.
    """

    def __init__(self, descriptor: int, size: int, sha256: str) -> None:
        """Take over this open file."""
        super().__init__(descriptor, "rb")
        self.size, self.sha256 = size, sha256
        self._flushing: Future[None] | None = None

    def start_fsync(self) -> None:
        """Have the file flushed to the disk while something else is done with it."""
        self._flushing = self._flushing or _FLUSHING.submit(os.fsync, self.fileno())

    def link_to(self, path: os.PathLike[str]) -> None:
        """Give the file a name, durable once its folder is; raises FileExistsError, and OSError (EXDEV) on
        another disk.
        """
        self.start_fsync()
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
