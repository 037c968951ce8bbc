"""Ask a limited child process what a file really is; this process never reads what is inside."""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, BinaryIO

from portfolio.storage.confinement import READY
from portfolio.storage.kinds import FileKind, RefusalCode, Refused, Sniffed
from portfolio.storage.store import CHUNK

_log = logging.getLogger(__name__)

# `portfolio` without its __init__: the child has no use for the web application, and starts in a tenth of a second.
_CHILD = """
import sys, types
package = types.ModuleType("portfolio")
package.__path__ = [sys.argv[1]]
sys.modules["portfolio"] = package
from portfolio.storage.opening import main
main()
"""
_PACKAGE = Path(__file__).parent.parent
_PIPE_HOLDS = 64 * 1024
_SECONDS = 10
_BYTES_A_SECOND = 20_000_000
_PASSED_ON = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


def sniff(content: BinaryIO, size: int) -> Sniffed:
    """Answer what a file of this size in bytes really is, whatever its name says; the content is left at its beginning.

    Raises Refused, and nothing else, whatever is inside: EMPTY, DAMAGED, PASSWORD, …; TOO_DEMANDING when the child was
    stopped by its limits; NOT_CHECKED when the check itself could not run, which is our fault and is logged.
    """
    if size == 0:
        raise Refused(RefusalCode.EMPTY)
    try:
        with _as_a_real_file(content) as file, _children:
            output = _run_child(file, _SECONDS + size // _BYTES_A_SECOND)
    finally:
        content.seek(0)
    return _understood(output)


@contextmanager
def _as_a_real_file(content: BinaryIO) -> Iterator[int]:
    try:
        descriptor = content.fileno()
    except (AttributeError, OSError):
        content.seek(0)
        with TemporaryFile() as file:
            shutil.copyfileobj(content, file, CHUNK)
            file.flush()
            yield file.fileno()
        return
    content.flush()
    # The child shares our place in the file and moves it, unknown to the buffers above: it is put back.
    place = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        yield descriptor
    finally:
        os.lseek(descriptor, place, os.SEEK_SET)


def _run_child(file: int, seconds: int) -> bytes:
    command = [sys.executable, "-I", "-c", _CHILD, str(_PACKAGE), str(seconds)]
    with subprocess.Popen(  # noqa: S603 - our own command
        command, stdin=file, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=child_environment(), cwd="/"
    ) as child:
        # Not communicate(): a child that answered without end would fill our memory. It only fills its pipe, and waits.
        try:
            child.wait(timeout=2 * seconds)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        output, errors = _held(child.stdout), _held(child.stderr)
    if not output.startswith(READY):
        _log.error("the check of files cannot start: exit %s, %s", child.returncode, errors[-2000:].decode("utf-8", "replace"))
    elif output == READY:
        _log.warning("a file stopped its check: exit %s", child.returncode)
    return output


def child_environment() -> dict[str, str]:
    """Answer what the child may know of ours: where programs are, never a password or a key."""
    return {"MALLOC_ARENA_MAX": "1"} | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


def _held(pipe: IO[bytes] | None) -> bytes:
    if pipe is None:
        return b""
    os.set_blocking(pipe.fileno(), False)
    try:
        return os.read(pipe.fileno(), _PIPE_HOLDS)
    except BlockingIOError:
        return b""


def _understood(output: bytes) -> Sniffed:
    if not output.startswith(READY):
        raise Refused(RefusalCode.NOT_CHECKED)
    if output == READY:
        raise Refused(RefusalCode.TOO_DEMANDING)
    try:
        answer = json.loads(output.removeprefix(READY))
        if "refused" in answer:
            refusal = Refused(RefusalCode(answer["refused"]), answer.get("facts", {}))
        else:
            return Sniffed(FileKind(answer["kind"]), answer["pages"])
    except (ValueError, LookupError, TypeError) as error:  # a child that a file took over may say anything
        raise Refused(RefusalCode.TOO_DEMANDING) from error
    if "error" in answer:
        _log.warning("a file was refused because its opening met %s", answer["error"])
    raise refusal
