"""Run a program of another project, or a module of ours, on one file: in a folder of its own, without
network, and for a bounded time.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from portfolio.files.sandbox.left_files import remove_strange
from portfolio.files.sandbox.process import child_command
from portfolio.files.sandbox.walls import told_to_children

_log = logging.getLogger(__name__)
_MAIN = "portfolio.files.sandbox.program_main"
_WORDS_BYTES = 300


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """Limits of a program: seconds of processor, bytes of memory, bytes of any file that it writes.

    A busy machine gives it a part of its processor: it may last so many times longer.
    """

    cpu_seconds: int = 60
    patience: float = 10.0
    memory: int = 4 * 1024**3
    file_bytes: int = 400_000_000


def run_program(command: Sequence[str], folder: Path, limits: ProgramLimits, *, read: Sequence[str] = ()) -> int:
    """Run a command in a private folder, the only place where it may write; return its exit status.

    `read` names what else it may read. It is killed with its children when it takes too long, and when this
    process dies. Raise TimeoutError when it had not ended in time without taking all the processor it may
    have: the machine is busy, and the file is not what is wrong.
    """
    return _run({"command": list(command)}, folder, limits, read)


def run_module(
    main: str, arguments: Sequence[str], folder: Path, limits: ProgramLimits, *, read: Sequence[str] = ()
) -> int:
    """Run `main()` of a module of ours as `run_program` runs a command; it is spared a second interpreter."""
    return _run({"main": main, "arguments": list(arguments)}, folder, limits, read)


def _run(what: Mapping[str, object], folder: Path, limits: ProgramLimits, read: Sequence[str]) -> int:
    settings = {
        **what,
        "read": list(read),
        "cpu": limits.cpu_seconds,
        "memory": limits.memory,
        "file": limits.file_bytes,
    }
    with TemporaryFile() as log:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [*child_command(_MAIN), json.dumps(settings)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=_environment(),
            cwd=folder,
            start_new_session=True,
        )
        try:
            status = process.wait(limits.cpu_seconds * limits.patience)
        except subprocess.TimeoutExpired as error:
            raise TimeoutError from error
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            remove_strange(folder)
        if status:
            _log.warning("a program ended with status %s: %s", status, _last_words(log))
    return status


def _last_words(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _WORDS_BYTES))
    return log.read().decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    } | told_to_children()
