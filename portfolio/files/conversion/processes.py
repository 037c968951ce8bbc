"""Start our own sandboxed processes on a folder: what they answer is read back within bounds."""

from __future__ import annotations

import json
import logging
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, BinaryIO

from portfolio.domain.evidence.rules.rendition import RenditionFailure
from portfolio.files.conversion.codes import NotConverted
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_module
from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.files.storage.stream_copy import disk_full_as_store_full

_log = logging.getLogger(__name__)
_PACKAGE = Path(__file__).parents[2]
_MAX_ANSWER = 2_000_000
# Exit statuses of a process stopped by a limit: of processor (SIGXCPU, SIGKILL), of size (SIGXFSZ).
_LIMITED = {256 - 24, 256 - 9, 256 - 25}


@contextmanager
def work_folder(content: BinaryIO, name: str = "input") -> Iterator[Path]:
    """Lend a private folder with the content in it, under a name of ours; it is deleted afterwards.

    Raises StoreFull.
    """
    with TemporaryDirectory(prefix="acquis-") as path, disk_full_as_store_full():
        content.seek(0)
        with (Path(path) / name).open("wb") as file:
            shutil.copyfileobj(content, file, CHUNK_BYTES)
        yield Path(path)


def run_main(main: str, folder: Path, *arguments: str, limits: ProgramLimits | None = None) -> Any:
    """Run `main()` of a module in the sandbox, and return what it wrote in answer.json; raise NotConverted
    without an answer.
    """
    answer = folder / "answer.json"
    answer.unlink(missing_ok=True)
    limits = limits or ProgramLimits(cpu_seconds=60, memory=2 * 1024**3)
    status = run_module(main, arguments, folder, limits, read=readable_paths())
    if status == 0 and answer.is_file() and answer.stat().st_size <= _MAX_ANSWER:
        return json.loads(answer.read_text("utf-8"))
    heavy = status is None or status in _LIMITED
    raise NotConverted(RenditionFailure.TOO_HEAVY if heavy else RenditionFailure.UNREADABLE)


def readable_paths() -> list[str]:
    """Return what our own processes read beside the system: the interpreter, its libraries, this package."""
    return sorted(
        {
            sys.prefix,
            sys.base_prefix,
            str(_PACKAGE),
            os.path.realpath(sys.prefix),
            os.path.realpath(sys.executable),
        }
    )
