"""Read what a sandboxed child left in its folder: a hostile one makes links, pipes and files without end."""

import os
import stat
import tempfile
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import BinaryIO


class NotLeft(OSError):  # noqa: N818 - said to a person
    """A child left nothing under this name, or something that is no ordinary file of its own."""


def open_left(path: Path, most: int | None = None) -> BinaryIO:
    """Open a file in the folder of a child, of at most so many bytes; raise NotLeft.

    No link is followed, and no pipe is waited for.
    """
    try:
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            file = os.open(path.name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise NotLeft(error.errno, error.strerror) from error
    state = os.fstat(file)
    if not _is_own_file(state) or (most is not None and state.st_size > most):
        os.close(file)
        raise NotLeft
    return os.fdopen(file, "rb")


def is_left(path: Path) -> bool:
    """Return whether a child left an ordinary file of its own under this name, with something in it."""
    try:
        with open_left(path) as file:
            return os.fstat(file.fileno()).st_size > 0
    except NotLeft:
        return False


def create_anew(path: Path) -> BinaryIO:
    """Make a file in the folder of a child, in the place of what has this name there."""
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb")


# Programs of ours make a few folders, one in the other. A child may make thousands: whatever walks them falls, and the
# path to the last is longer than a path may be.
MAX_DEPTH = 10
_BLOCK_BYTES = 512  # the unit of `st_blocks`, whatever the file system


def remove_strange(folder: Path) -> None:
    """Remove what a child left in its folder that is neither a folder nor an ordinary file of its own, and the folders
    that lie too deep. The child has ended.
    """
    waiting = [(str(folder), 0)]
    deep: list[str] = []
    while waiting:
        place, depth = waiting.pop()
        for entry in _entries(place):
            if entry.is_dir(follow_symlinks=False):
                if depth == MAX_DEPTH:
                    deep.append(entry.path)
                else:
                    waiting.append((entry.path, depth + 1))
            elif not _is_own_file(entry.stat(follow_symlinks=False)):
                os.unlink(entry.path)
    if deep:
        _remove(deep, tempfile.mkdtemp(dir=folder))


def measure(folder: Path, most_files: int) -> tuple[int, int]:
    """Return how many bytes a folder takes and how many files it holds, counted up to a number; its child may be at
    work.
    """
    waiting, size, count = [(str(folder), 0)], 0, 0
    while waiting and count <= most_files:
        place, depth = waiting.pop()
        with suppress(OSError), os.scandir(place) as entries:
            for entry in islice(entries, most_files + 1):
                count += 1
                with suppress(OSError):
                    size += entry.stat(follow_symlinks=False).st_blocks * _BLOCK_BYTES
                    if depth < MAX_DEPTH and entry.is_dir(follow_symlinks=False):
                        waiting.append((entry.path, depth + 1))
    return size, count


def _remove(folders: list[str], holder: str) -> None:
    """Remove folders however deep they are: what is in one is moved beside it first."""
    waiting, moved = folders, 0
    while waiting:
        path = waiting.pop()
        for entry in _entries(path):
            if entry.is_dir(follow_symlinks=False):
                waiting.append(f"{holder}/{moved}")
                os.rename(entry.path, waiting[-1])
                moved += 1
            else:
                os.unlink(entry.path)
        os.rmdir(path)
    os.rmdir(holder)


def _entries(path: str) -> list[os.DirEntry[str]]:
    """Return what a folder holds, though its child made it one that nobody may list."""
    os.chmod(path, 0o700)
    with os.scandir(path) as entries:
        return list(entries)


def _is_own_file(state: os.stat_result) -> bool:
    """Return whether it is an ordinary file that has no other name, of this account."""
    return stat.S_ISREG(state.st_mode) and state.st_nlink == 1 and state.st_uid == os.geteuid()
