"""Start a sandboxed child process on a file, and read its output step by step.

Its environment is empty; only what was requested of its output is held in memory.
"""

from __future__ import annotations

import io
import logging
import os
import selectors
import shutil
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from portfolio.files.sandbox.walls import READY, told_to_children
from portfolio.files.storage.store import CHUNK_BYTES, disk_full_as_store_full

_log = logging.getLogger(__name__)

# `portfolio` without its __init__: the child has no use for the web application, and starts in a tenth of a
# second.
_CHILD = """
import importlib, sys, types
package = types.ModuleType("portfolio")
package.__path__ = [sys.argv[1]]
sys.modules["portfolio"] = package
importlib.import_module(sys.argv[2]).main()
"""
_PACKAGE = Path(__file__).parents[2]
_PIPE_HOLDS = 64 * 1024
# How many times the seconds of processor that it may take a child may be silent: a busy machine gives it a
# small part of them. What works too long is ended by its limit of processor, long before.
PATIENCE = 20.0
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def spawn_sandboxed(main: str, file: int, *arguments: str | int, passed: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start `main()` of a module on this open file, with its output in a pipe, without waiting for it.

    `passed` are other open files that it inherits under the same numbers.
    """
    return subprocess.Popen(  # noqa: S603 - our own command
        [*child_command(main), *map(str, arguments)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
        cwd="/",
        pass_fds=tuple(passed),
    )


def child_command(main: str) -> list[str]:
    """Return the command that runs `main()` of a module of ours in a new interpreter."""
    return [sys.executable, "-I", "-c", _CHILD, str(_PACKAGE), main]


@contextmanager
def as_file_descriptor(content: BinaryIO) -> Iterator[int]:
    """Yield the content as an open file of the system, copied to a temporary file when needed; its position
    is restored.

    Raise StoreFull.
    """
    try:
        with (
            disk_full_as_store_full()
        ):  # an upload kept in memory so far is written to a file when its descriptor is asked for
            descriptor = content.fileno()
            content.flush()
    except (AttributeError, io.UnsupportedOperation):
        with TemporaryFile() as file:
            content.seek(0)
            with disk_full_as_store_full():
                shutil.copyfileobj(content, file, CHUNK_BYTES)
                file.flush()
            yield file.fileno()
        return
    # The child shares our place in the file and moves it, unknown to the buffers above: it is put back.
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        yield descriptor
    finally:
        os.lseek(descriptor, place, os.SEEK_SET)


def child_environment() -> dict[str, str]:
    """Return the environment of a child: where programs are and what hides from it, without any password or key."""
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"MALLOC_ARENA_MAX": "1"} | passed | told_to_children()


class ChildOutput:
    """The output of one child process.

    The total waiting time is limited; after that the output counts as ended.
    """

    def __init__(self, pipe: int, patience: float) -> None:
        """Read from the pipe of a child; the time between two reads does not count."""
        self._pipe, self._patience = pipe, patience
        self._held = bytearray()
        self._ended = False
        # Whether more was asked for than the child said.
        self.is_cut = False
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(self._pipe, selectors.EVENT_READ)
        self.ready = self.bytes(len(READY)) == READY

    @property
    def is_late(self) -> bool:
        """Tell whether it was silent for all its time without an end: the machine was busy, for its limits end it
        sooner.
        """
        return self._patience <= 0 and not self._ended

    def line(self, most: int) -> bytes | None:
        """Answer the next line without its end; None when there is none that is so short."""
        while b"\n" not in self._held:
            if len(self._held) > most or not self._more():
                return None
        line, _, rest = bytes(self._held).partition(b"\n")
        self._held = bytearray(rest)
        return line if len(line) <= most else None

    def bytes(self, count: int) -> bytes | None:
        """Answer exactly so many bytes; None when fewer come."""
        while len(self._held) < count:
            if not self._more():
                return None
        found = bytes(self._held[:count])
        del self._held[:count]
        return found

    def close(self) -> None:
        """Stop waiting."""
        self._waiting.close()

    def _more(self) -> bool:
        if self._ended or self._patience <= 0:
            self.is_cut = True
            return False
        began = time.monotonic()
        if not self._waiting.select(self._patience):
            self._patience, self.is_cut = 0, True
            return False
        self._patience -= time.monotonic() - began
        chunk = os.read(self._pipe, CHUNK_BYTES)
        self._held += chunk
        self._ended = self.is_cut = not chunk
        return bool(chunk)


@contextmanager
def sandboxed_output(main: str, file: int, seconds: int, *arguments: str) -> Iterator[ChildOutput]:
    """Run `main()` of a module on the open file given as its standard input, and yield its output; the child
    ends with it.

    `seconds` is the CPU time limit, passed as first argument; the wall-clock limit is PATIENCE times as long,
    for a busy machine. A first line other than `ready` is a fault of ours, and is logged.
    """
    with spawn_sandboxed(main, file, seconds, *arguments) as child:
        assert child.stdout is not None
        answer = ChildOutput(child.stdout.fileno(), PATIENCE * seconds)
        if not answer.ready:
            child.kill()
            log_not_started(child.wait(), read_available(child.stderr))
        try:
            yield answer
        finally:
            answer.close()
            child.kill()


def log_not_started(status: int | None, words: bytes) -> None:
    """Log a child that did not say READY: a fault of ours."""
    _log.error("a limited child cannot start: exit %s, %s", status, words[-2000:].decode("utf-8", "replace"))


def read_available(pipe: IO[bytes] | None) -> bytes:
    """Return what the pipe already holds, without waiting."""
    if pipe is None:
        return b""
    os.set_blocking(pipe.fileno(), False)
    try:
        return os.read(pipe.fileno(), _PIPE_HOLDS)
    except BlockingIOError:
        return b""


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
