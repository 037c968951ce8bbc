"""Run a program of another project, or a module of ours, on one file: in a folder of its own, without
network, and for a bounded time.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from portfolio.files.sandbox.process import ChildOutput, child_command, measure, remove_strange
from portfolio.files.sandbox.walls import told_to_children

_log = logging.getLogger(__name__)
_MAIN = "portfolio.files.sandbox.program_main"
_WORDS_BYTES = 300
# How long a process that has closed its output may take to end.
_END_SECONDS = 10.0
# A child may fill a disk with files that are each within their limit: how many such its folder may hold, how many
# files of any size, and how often that is looked at while it works.
FOLDER_FILES, MAX_FILES, WATCH_SECONDS = 3, 100_000, 0.5


@dataclass(frozen=True, slots=True)
class ProgramLimits:
    """Limits of a program: seconds of processor, bytes of memory, bytes of any file that it writes.

    A busy machine gives it a part of its processor: it may last so many times longer. Its files together take no
    more than FOLDER_FILES times the largest one, beside what was there.
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
    status = _Program(what, folder, limits, read, None).end(limits.cpu_seconds * limits.patience)
    if status is None:
        raise TimeoutError
    return status


class _Program:
    """A program that was started; `end` is called once."""

    def __init__(
        self, what: Mapping[str, object], folder: Path, limits: ProgramLimits, read: Sequence[str], pipe: int | None
    ) -> None:
        settings = {
            **what,
            "read": list(read),
            "cpu": limits.cpu_seconds,
            "memory": limits.memory,
            "file": limits.file_bytes,
        }
        self._folder, self._log = folder, TemporaryFile()  # noqa: SIM115 - closed at its end
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            [*child_command(_MAIN), json.dumps(settings)],
            stdin=pipe or subprocess.DEVNULL,
            stdout=pipe or self._log,
            stderr=self._log,
            env=_environment(),
            cwd=folder,
            start_new_session=True,
        )
        self._ended = threading.Event()
        most = measure(folder, MAX_FILES)[0] + FOLDER_FILES * limits.file_bytes
        threading.Thread(target=self._watch, args=(most,), name="acquis-folder", daemon=True).start()

    def _watch(self, most: int) -> None:
        """Kill the program when its folder holds too much."""
        while not self._ended.wait(WATCH_SECONDS) and self.process.poll() is None:
            size, count = measure(self._folder, MAX_FILES)
            if size > most or count > MAX_FILES:
                _log.warning("a program wrote too much in its folder")
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                return

    def end(self, seconds: float) -> int | None:
        """Wait for so long, kill what is left of it, and return its status; None when it had not ended."""
        with self._log:
            status = None
            try:
                with suppress(subprocess.TimeoutExpired):
                    status = self.process.wait(seconds)
            finally:
                self._ended.set()
                with suppress(ProcessLookupError):
                    os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
                remove_strange(self._folder)
            if status:
                _log.warning("a program ended with status %s: %s", status, _last_words(self._log))
        return status


class WaitingModule:
    """A module of ours, started in its sandbox ahead of what it is asked: it says READY, then answers each line by
    one. It is used for one file, then ended.

    A thread that starts it outlives it: it ends with its parent.
    """

    def __init__(
        self, main: str, arguments: Sequence[str], folder: Path, limits: ProgramLimits, *, read: Sequence[str] = ()
    ) -> None:
        """Start it, without waiting."""
        self._seconds = limits.cpu_seconds * limits.patience
        self._output: ChildOutput | None = None
        self._is_ended = False
        self._status: int | None = None
        self._program = _Program({"main": main, "arguments": list(arguments)}, folder, limits, read, subprocess.PIPE)

    @property
    def is_alive(self) -> bool:
        """Return whether it has not ended."""
        return self._program.process.poll() is None

    def ask(self, line: str) -> str | None:
        """Return what it answers to a line, once it has done it; None when it ends. Raise TimeoutError."""
        process = self._program.process
        assert process.stdin is not None
        assert process.stdout is not None
        self._output = output = self._output or ChildOutput(process.stdout.fileno(), self._seconds)
        if output.ready:
            with suppress(BrokenPipeError):
                process.stdin.write(line.encode() + b"\n")
                process.stdin.flush()
                answer = output.line(_WORDS_BYTES)
                if answer is not None:
                    return answer.decode("utf-8", "replace")
        if output.is_late:
            raise TimeoutError
        return None

    def end(self) -> int | None:
        """Throw it away; return the status with which it had ended, None when it had not."""
        process, output = self._program.process, self._output
        if not self._is_ended:
            self._is_ended = True
            is_ending = output is not None and output.is_cut and not output.is_late
            self._status = self._program.end(_END_SECONDS if is_ending else 0)
            for pipe in (process.stdin, process.stdout, output):
                if pipe is not None:
                    with suppress(BrokenPipeError):
                        pipe.close()
        return self._status


def _last_words(log: IO[bytes]) -> str:
    log.seek(max(0, log.seek(0, os.SEEK_END) - _WORDS_BYTES))
    return log.read().decode("utf-8", "replace")


def _environment() -> dict[str, str]:
    return {
        "PATH": os.environ.get("PATH", "/usr/bin:/bin"),
        "LC_ALL": "C.UTF-8",
        "LANG": "C.UTF-8",
        "OMP_THREAD_LIMIT": "1",  # the threads of tesseract wait for each other more than they read
        "SAL_USE_VCLPLUGIN": "svp",
    } | told_to_children()
