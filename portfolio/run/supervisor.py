"""Processes kept running beside this one: one that ends is said and started again; all end with this one."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import structlog

log = structlog.get_logger("acquis")

# How long one may take to end what it does, before it is ended.
STOP_TIMEOUT_S = 25.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
# One that lasted this long was well: its next start does not wait longer than the first.
_HEALTHY_AFTER_S = 60.0


@dataclass(frozen=True)
class Command:
    """What is run: its name in the log, its command, its environment (None: ours), the file that takes what it says.

    `patience`: how many seconds it may take to end what it does.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    quiet: Path | None = None
    patience: float = STOP_TIMEOUT_S


@dataclass
class SupervisedProcess:
    """One program, started again whenever it ends by itself.

    It holds the other end of its standard input: should we be killed, it reads the end there and stops by itself.
    """

    program: Command
    process: subprocess.Popen[bytes] | None = None
    _stopped: threading.Event = field(default_factory=threading.Event)
    _watch: threading.Thread | None = None

    def start(self) -> None:
        """Start it, and watch over it."""
        self._begin()
        self._watch = threading.Thread(target=self._watching, daemon=True)
        self._watch.start()

    def stop(self) -> None:
        """Ask it to end, wait, then end it."""
        self._stopped.set()
        if self._watch is not None:
            self._watch.join(5)
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.program.patience)
        except subprocess.TimeoutExpired:
            log.warning("process_ended_late", name=self.program.name)
            self.process.kill()
            self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def _begin(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()
        program = self.program
        said = program.quiet.open("ab") if program.quiet else None
        self.process = subprocess.Popen(  # noqa: S603 - our own command
            program.command, stdin=subprocess.PIPE, stdout=said, stderr=said, env=program.env
        )
        if said is not None:
            said.close()

    def _watching(self) -> None:
        wait, begun = _FIRST_WAIT, time.monotonic()
        while not self._stopped.wait(0.2):
            assert self.process is not None
            if self.process.poll() is None:
                continue
            wait = _FIRST_WAIT if time.monotonic() - begun > _HEALTHY_AFTER_S else wait
            log.error("process_died", name=self.program.name, status=self.process.returncode, again_in=wait)
            if self._stopped.wait(wait):
                return
            wait, begun = min(2 * wait, _LONGEST_WAIT), time.monotonic()
            self._begin()


@contextmanager
def supervise(*programs: Command) -> Iterator[list[SupervisedProcess]]:
    """Keep these programs running; at the end they are ended, the last one first."""
    with ExitStack() as stack:
        running = []
        for program in programs:
            one = SupervisedProcess(program)
            one.start()
            stack.callback(one.stop)
            running.append(one)
        yield running
