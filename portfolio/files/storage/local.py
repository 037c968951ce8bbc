"""Files in a folder of this machine: written aside, made durable, then published without overwriting.

A file that is on the disk already, hashed on its way: it is kept by a hard link, without a copy.
"""

import errno
import io
import os
from collections.abc import Callable, Collection, Hashable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from time import time_ns
from typing import BinaryIO
from uuid import uuid4

from portfolio.files.storage.store import (
    SUFFIX,
    KeyExists,
    KeyNotFound,
    StoredFile,
    TooLarge,
    checked_key,
    copy_and_hash,
    disk_full_as_store_full,
)

_OPEN_FILES = "/proc/self/fd"
# As many files are flushed at once as the server answers at once, or nearly.
_FLUSHING = ThreadPoolExecutor(16, "flushing")


class UnlinkedFile(io.FileIO):
    """An open file that nobody can write into any more, its size in bytes, and its SHA-256 in lowercase hexadecimal."""

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


_INCOMING = ".incoming"
# The coarsest clock of a file system: two changes within this time may bear the same moment.
_TICK_NS = 2_000_000_000


class LocalStore:
    """A FileStore over one folder, which must be on a file system that knows hard links."""

    def __init__(self, root: Path | str) -> None:
        """Use this folder, made if it is absent; only the application's own user may read it."""
        self.root = Path(root).absolute()
        self._incoming = self.root / _INCOMING
        self._durable: set[Path] = set()
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        fsync_directory(self.root)
        fsync_directory(self.root.parent)

    def prefetch(self, content: BinaryIO) -> None:
        """Begin to flush what is on the disk already: looking at it and flushing it take as long."""
        if isinstance(content, UnlinkedFile):
            content.start_fsync()

    def save(self, key: str, content: BinaryIO, limit: int | None = None) -> StoredFile:
        """Keep the content under this key; what is answered survives a power cut.

        Of several simultaneous saves of one key exactly one wins: linking a name that exists fails, renaming
        would not. Raises KeyExists, TooLarge (limit in bytes), StoreFull, InvalidKey, and whatever
        reading the content raises; in every case nothing of the content stays.
        """
        path = self._path(key)
        if path.exists():  # spares the writing; the link below is what decides
            raise KeyExists(key)
        if isinstance(content, UnlinkedFile):
            stored = StoredFile(key, content.size, content.sha256)
            if self._named(content, path, limit):
                return stored
        temporary = self._incoming / uuid4().hex
        try:
            with disk_full_as_store_full():
                size, sha256 = _receive(content, temporary, limit)
                self._publish(partial(os.link, temporary), path)
        except FileExistsError as error:
            raise KeyExists(key) from error
        finally:
            temporary.unlink(missing_ok=True)
        return StoredFile(key, size, sha256)

    def open(self, key: str) -> BinaryIO:
        """Return the kept content, to be closed by the caller; raises KeyNotFound, InvalidKey."""
        try:
            return self._path(key).open("rb")
        except FileNotFoundError as error:
            raise KeyNotFound(key) from error

    def exists(self, key: str) -> bool:
        """Return whether a file is kept under this key; raises InvalidKey."""
        return self._path(key).is_file()

    def size(self, key: str) -> int:
        """Return the size in bytes of a kept file; raises KeyNotFound, InvalidKey."""
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise KeyNotFound(key) from error

    def stored_at(self, key: str) -> datetime:
        """Return the moment a file was kept, in UTC; raises KeyNotFound, InvalidKey."""
        try:
            return datetime.fromtimestamp(self._path(key).stat().st_mtime, UTC)
        except FileNotFoundError as error:
            raise KeyNotFound(key) from error

    def state(self, key: str) -> Hashable:
        """Return what changes whenever the kept file does, without reading it; raises KeyNotFound, InvalidKey.

        Of a file that changed within the tick, each answer differs: the next change might bear the same time.
        """
        try:
            found = self._path(key).stat()
        except FileNotFoundError as error:
            raise KeyNotFound(key) from error
        is_recent = time_ns() - max(found.st_mtime_ns, found.st_ctime_ns) < _TICK_NS
        times = (found.st_mtime_ns, found.st_ctime_ns)
        return (found.st_dev, found.st_ino, found.st_size, object() if is_recent else times)

    def delete(self, key: str) -> None:
        """Forget a file durably; only the sweep of unreferenced files does so. Raises InvalidKey."""
        path = self._path(key)
        if path.exists():
            path.unlink(missing_ok=True)
            fsync_directory(path.parent)

    def keys(self) -> Iterator[str]:
        """Answer every kept key, once each, holding one folder at a time in memory."""
        yield from self._keys_under(self.root)

    def sweep(self, older_than: datetime, spared: Collection[str] = ()) -> int:  # noqa: ARG002
        """Remove the temporary files last written before this moment, left by a crash, and answer how many there were.

        An upload under way keeps writing, so its file is recent.
        """
        abandoned = [entry for entry in os.scandir(self._incoming) if _written_before(entry, older_than)]
        for entry in abandoned:
            Path(entry).unlink(missing_ok=True)
        return len(abandoned)

    def _path(self, key: str) -> Path:
        return self.root / (checked_key(key) + SUFFIX)

    def _named(self, content: UnlinkedFile, path: Path, limit: int | None) -> bool:
        """Publish a file that is on the disk already; False when it is on another disk than ours, and has
        to be copied.
        """
        if limit is not None and content.size > limit:
            raise TooLarge(limit)
        try:
            with disk_full_as_store_full():
                self._publish(content.link_to, path)
        except FileExistsError as error:
            raise KeyExists(path.name) from error
        except OSError as error:
            if error.errno != errno.EXDEV:
                raise
            return False
        return True

    def _publish(self, name: Callable[[Path], None], path: Path) -> None:
        folder = path.parent
        durable = folder in self._durable and folder.is_dir()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name(path)
        fsync_directory(folder)
        # A folder just made is itself an entry of the folder above: all are flushed, up to the root. Once we
        # did so, the name of the file alone is new; of a folder that is only there, who made it may not have
        # flushed it yet.
        while not durable and folder != self.root:
            folder = folder.parent
            fsync_directory(folder)
        self._durable.add(path.parent)

    def _keys_under(self, folder: Path) -> Iterator[str]:
        for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
            if entry.is_dir(follow_symlinks=False):
                if entry.name != _INCOMING:
                    yield from self._keys_under(Path(entry))
            elif entry.name.endswith(SUFFIX):
                yield Path(entry).relative_to(self.root).as_posix().removesuffix(SUFFIX)


def _receive(content: BinaryIO, temporary: Path, limit: int | None) -> tuple[int, str]:
    # Read-only from its birth: no later mistake can write into a kept file.
    with open(os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o400), "wb") as file:
        received = copy_and_hash(content, file, limit)
        os.fsync(file.fileno())
    return received


def fsync_directory(folder: Path) -> None:
    """Flush a folder to the disk: the names it holds survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _written_before(entry: os.DirEntry[str], moment: datetime) -> bool:
    try:
        return entry.stat(follow_symlinks=False).st_mtime < moment.timestamp()
    except FileNotFoundError:  # its upload has just ended
        return False
