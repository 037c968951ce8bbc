"""Start our own sandboxed processes on a folder: what they answer is read back within bounds."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.sandbox.process import NotLeft, open_left
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_module
from portfolio.files.sandbox.walls import NO_WALL_STATUS
from portfolio.files.storage.store import CHUNK_BYTES, disk_full_as_store_full
from portfolio.files.storage.temporary_folder import temporary_folder

_PACKAGE = Path(__file__).parents[2]
_MAX_ANSWER = 2_000_000
# What is made of a smaller file takes a minute of processor at most, all its steps together.
SMALL_BYTES = 10_000_000
# Of a small file, seconds of processor for a process of ours.
_OF_SMALL = 15
# Exit statuses of a process stopped by a limit: of processor (SIGXCPU, SIGKILL, SIGPROF), of size (SIGXFSZ).
_LIMITED = {256 - 24, 256 - 9, 256 - 27, 256 - 25}


@contextmanager
def work_folder(content: BinaryIO, name: str = "input") -> Iterator[Path]:
    """Lend a private folder with the content in it, under a name of ours; it is deleted afterwards.

    Raises StoreFull.
    """
    with disk_full_as_store_full(), temporary_folder() as folder:
        content.seek(0)
        with (folder / name).open("wb") as file:
            shutil.copyfileobj(content, file, CHUNK_BYTES)
        yield folder


def run_main(
    main: str, folder: Path, *arguments: str, limits: ProgramLimits | None = None, read: Sequence[str] = ()
) -> Any:
    """Run `main()` of a module in the sandbox, and return what it wrote in answer.json; raise NotConverted
    without an answer, TimeoutError when the machine was too busy. `read` names what else it may read.
    """
    answer = folder / "answer.json"
    with suppress(OSError):
        answer.unlink()
    limits = limits or ProgramLimits(cpu_seconds=bounded_seconds(folder, 60, _OF_SMALL), memory=2 * 1024**3)
    status = run_module(main, arguments, folder, limits, read=[*readable_paths(), *read])
    if status == 0:
        with suppress(NotLeft, ValueError), open_left(answer, _MAX_ANSWER) as file:
            return json.loads(file.read())
    raise NotConverted(failure_of(status))


def bounded_seconds(folder: Path, most: int, of_small: int) -> int:
    """Return how many seconds of processor a step may take on what was received in a folder.

    A small file that asks for long work is not worth the wait of the others.
    """
    received = next((path for path in (folder / "kept", folder / "input") if path.exists()), None)
    return of_small if received and received.stat().st_size < SMALL_BYTES else most


def failure_of(status: int) -> RenditionFailure:
    """Return why a process that ended with this status made nothing."""
    if status == NO_WALL_STATUS:
        return RenditionFailure.NO_WALL
    return RenditionFailure.TOO_HEAVY if status in _LIMITED else RenditionFailure.UNREADABLE


def readable_paths() -> list[str]:
    """Return what our own processes read beside the system: the interpreter, its libraries, this package."""
    libraries = [f"{prefix}/{name}" for prefix in (sys.prefix, sys.base_prefix) for name in ("lib", "lib64")]
    named = os.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep)
    return [*libraries, *filter(None, named), str(_PACKAGE), os.path.realpath(sys.executable)]
