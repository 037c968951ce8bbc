"""A plain supervisor: keep commands running beside this process, start again those that end, stop all with this one."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

log = structlog.get_logger("acquis")

# How long a process may take to end what it does, before it is killed.
STOP_TIMEOUT_S = 25.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
# A process that ran for so long was well: its next start does not wait longer than the first.
_HEALTHY_AFTER_S = 60.0


@dataclass(frozen=True)
class Command:
    """A command to run: its name in the log, its environment (None: ours), the file that takes its output.

    `patience`: how many seconds it may take to stop.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    quiet: Path | None = None
    patience: float = STOP_TIMEOUT_S

    def start(self) -> subprocess.Popen[bytes]:
        """Start it. Its standard input is a pipe whose other end this process holds: it reads the end there if we are killed."""
        output = os.open(self.quiet, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if self.quiet else None
        try:
            return subprocess.Popen(  # noqa: S603 - our own command
                self.command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=self.env
            )
        finally:
            if output is not None:
                os.close(output)


@contextmanager
def supervise(*programs: Command) -> Iterator[None]:
    """Keep these programs running; at the end all are asked to stop, and waited for."""
    stopping = threading.Event()
    watches = [threading.Thread(target=_keep, args=(program, program.start(), stopping), daemon=True) for program in programs]
    for watch in watches:
        watch.start()
    try:
        yield
    finally:
        stopping.set()
        for watch in watches:
            watch.join()


def _keep(program: Command, process: subprocess.Popen[bytes], stopping: threading.Event) -> None:
    """Start a program again whenever it ends, later and later, then stop it."""
    wait, began = _FIRST_WAIT, time.monotonic()
    while not stopping.wait(0.2):
        if process.poll() is None:
            continue
        wait = _FIRST_WAIT if time.monotonic() - began > _HEALTHY_AFTER_S else wait
        log.error("process_died", name=program.name, status=process.returncode, again_in=wait)
        if not stopping.wait(wait):
            process.communicate()  # closes the pipe of the one that ended
            process, wait, began = program.start(), min(2 * wait, _LONGEST_WAIT), time.monotonic()
    process.terminate()
    try:
        process.wait(program.patience)
    except subprocess.TimeoutExpired:
        log.warning("process_ended_late", name=program.name)
        process.kill()
    process.communicate()


def interrupt_on_sigterm() -> None:
    """Make SIGTERM stop this process as Ctrl-C does."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def exit_with_parent() -> None:
    """Stop this process with the one that started it and holds the other end of its standard input."""

    def wait_for_the_end() -> None:
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True).start()
