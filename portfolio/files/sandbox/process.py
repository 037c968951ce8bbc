"""Start a limited child process on a file: it is told nothing of ours, and what it answers is bounded."""

from __future__ import annotations

import io
import logging
import os
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from portfolio.files.sandbox.limits import READY
from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.files.storage.stream_copy import disk_full_as_store_full

_log = logging.getLogger(__name__)

# `portfolio` without its __init__: the child has no use for the web application, and starts in a tenth of a second.
_CHILD = """
import importlib, sys, types
package = types.ModuleType("portfolio")
package.__path__ = [sys.argv[1]]
sys.modules["portfolio"] = package
importlib.import_module(sys.argv[2]).main()
"""
_PACKAGE = Path(__file__).parents[2]
_PIPE_HOLDS = 64 * 1024
# How many times the seconds of processor a child may have in all: a busy machine gives it a part of them.
WALL_CLOCK_FACTOR = 4
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def run_sandboxed(main: str, file: int, seconds: int, *arguments: str, most: int = _PIPE_HOLDS) -> bytes:
    """Run `main()` of a module on the open file given as its standard input, and answer what it said, READY first.

    `seconds` are those of processor it may take (it has WALL_CLOCK_FACTOR times as many to answer), its first argument;
    `most` is how many
    bytes it may say. An answer that is READY alone, or cut, is that of a child stopped by its limits; an answer
    without READY is our own fault, and is logged.
    """
    with spawn_sandboxed(main, file, seconds, *arguments) as child:
        assert child.stdout is not None
        output = read_output(child.stdout.fileno(), until := time.monotonic() + WALL_CLOCK_FACTOR * seconds, most)
        try:
            child.wait(max(0.0, until - time.monotonic()) if output != READY else 0.1)  # it has ended, or says too much
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        log_abnormal_exit(output, child.returncode, read_available(child.stderr))
    return output


def timed_out(output: bytes, since: float, seconds: int) -> bool:
    """Say whether a child, since this moment of the monotonic clock, said nothing of its file for want of a free machine.

    One that a file keeps busy is stopped sooner, by the seconds of processor that it may take.
    """
    return output == READY and time.monotonic() - since >= WALL_CLOCK_FACTOR * seconds


def spawn_sandboxed(main: str, file: int, *arguments: str | int, passed: Sequence[int] = ()) -> subprocess.Popen[bytes]:
    """Start `main()` of a module on this open file, with what it says in a pipe; it is not waited for.

    `passed` are other open files that it gets under the same numbers.
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
    """Lend the content as an open file of the system, copied to a temporary one if need be; its place is given back.

    Raises StoreFull.
    """
    try:
        with disk_full_as_store_full():  # an upload kept in memory so far is written to a file when its descriptor is asked for
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
    """Answer what the child may know of ours: where programs are, never a password or a key."""
    return {"MALLOC_ARENA_MAX": "1"} | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def read_output(pipe: int, until: float, most: int = _PIPE_HOLDS) -> bytes:
    """Answer what a child says in a pipe until it closes it, or until this moment of the monotonic clock.

    It is cut down to READY when it says more than `most`: one that answers without end would fill our memory.
    """
    output = bytearray()
    with selectors.DefaultSelector() as waiting:
        waiting.register(pipe, selectors.EVENT_READ)
        while len(output) <= most and waiting.select(max(0.0, until - time.monotonic())):
            chunk = os.read(pipe, _PIPE_HOLDS)
            if not chunk:
                break
            output += chunk
    return bytes(output) if len(output) <= most else bytes(output[: len(READY)])


def log_abnormal_exit(output: bytes, status: int | None, words: bytes) -> None:
    """Tell the log of a child that said only this and ended so: one that is not READY is our own fault."""
    if not output.startswith(READY):
        _log.error("a limited child cannot start: exit %s, %s", status, words[-2000:].decode("utf-8", "replace"))
    elif output == READY:
        _log.warning("a file stopped its limited child: exit %s", status)


def read_available(pipe: IO[bytes] | None) -> bytes:
    """Answer what is in a pipe already, without waiting for more."""
    if pipe is None:
        return b""
    os.set_blocking(pipe.fileno(), False)
    try:
        return os.read(pipe.fileno(), _PIPE_HOLDS)
    except BlockingIOError:
        return b""
