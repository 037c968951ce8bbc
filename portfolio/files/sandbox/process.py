"""Start a sandboxed child process on a file: its environment is empty, and its output is bounded."""

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
from portfolio.files.sandbox.walls import told_to_children
from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.files.storage.stream_copy import disk_full_as_store_full

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
# How many times the seconds of processor a child may have in all: a busy machine gives it a part of them.
WALL_CLOCK_FACTOR = 4
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")


def run_sandboxed(main: str, file: int, seconds: int, *arguments: str, most: int = _PIPE_HOLDS) -> bytes:
    """Run `main()` of a module on the open file given as its standard input, and return its output, READY
    first.

    `seconds` is the CPU time limit, passed as first argument; the wall-clock limit is WALL_CLOCK_FACTOR times
    as long. `most` is the largest output in bytes. READY alone, or a cut output, means that a limit stopped
    the child; an output without READY is a fault of ours, and is logged.
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
    """Return whether a child has had no output since this moment of the monotonic clock because the machine
    is busy.

    A child that a file keeps busy is stopped earlier, by its CPU time limit.
    """
    return output == READY and time.monotonic() - since >= WALL_CLOCK_FACTOR * seconds


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
    """Return the environment of a child: where programs are and what hides from it, without any password or
    key.
    """
    passed = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return {"MALLOC_ARENA_MAX": "1"} | passed | told_to_children()


def read_output(pipe: int, until: float, most: int = _PIPE_HOLDS) -> bytes:
    """Return the output of a child until it closes the pipe, or until this moment of the monotonic clock.

    Return READY alone when the output is longer than `most`: an endless output would fill the memory.
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
    """Log a child that ended with this output only: one without READY is a fault of ours."""
    if not output.startswith(READY):
        _log.error("a limited child cannot start: exit %s, %s", status, words[-2000:].decode("utf-8", "replace"))
    elif output == READY:
        _log.warning("a file stopped its limited child: exit %s", status)


def read_available(pipe: IO[bytes] | None) -> bytes:
    """Return what the pipe already holds, without waiting."""
    if pipe is None:
        return b""
    os.set_blocking(pipe.fileno(), False)
    try:
        return os.read(pipe.fileno(), _PIPE_HOLDS)
    except BlockingIOError:
        return b""
