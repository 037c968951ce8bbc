"""A plain supervisor: keep programs running beside this process, start again those that end, stop all with this one.

A program is a command (`Command`), or a function of ours that a fork of this process runs (`Fork`): what this process
has imported is there already, and its memory is shared.
"""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import structlog

from config import Config, SettingError, is_secret, number
from portfolio.wording.certifying_body import setting_message

log = structlog.get_logger("acquis")

# How long a process may take to end what it does, before it is killed.
STOP_TIMEOUT_S = 25.0
_FIRST_WAIT, _LONGEST_WAIT = 1.0, 30.0
# A process that ran for so long was well: its next start does not wait longer than the first.
_HEALTHY_AFTER_S = 60.0
_POLL_SECONDS = 0.2
# Only on Linux do we know every library that is loaded before a fork; elsewhere a fresh interpreter runs the
# function.
CAN_FORK = sys.platform == "linux"
_context = multiprocessing.get_context("fork") if CAN_FORK else multiprocessing.get_context("spawn")


class Process(Protocol):
    """A process that was started."""

    def poll(self) -> int | None:
        """Return its status, negative for a signal, or None while it runs."""

    def wait(self) -> int:
        """Wait until it has ended, and return its status."""

    def terminate(self) -> None:
        """Ask it to stop."""

    def kill(self) -> None:
        """Stop it at once."""


class Program(Protocol):
    """Program that a supervisor starts: its name in the log, how many seconds it may take to stop."""

    @property
    def name(self) -> str:
        """Its name in the log."""

    @property
    def stop_timeout(self) -> float:
        """Return how many seconds it may take to stop."""

    def start(self) -> Process:
        """Start it."""


@dataclass(frozen=True)
class Command:
    """A command to run: its name in the log, its environment (None: ours), the file that takes its output.

    `stop_timeout`: how many seconds it may take to stop.
    """

    name: str
    command: Sequence[str]
    env: Mapping[str, str] | None = None
    quiet: Path | None = None
    stop_timeout: float = STOP_TIMEOUT_S

    def start(self) -> Process:
        """Start it.

        Its standard input is a pipe whose other end this process holds: it reads the end there if we are killed.
        """
        output = os.open(self.quiet, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600) if self.quiet else None
        try:
            return subprocess.Popen(  # noqa: S603 - our own command
                self.command, stdin=subprocess.PIPE, stdout=output, stderr=output, env=self.env
            )
        finally:
            if output is not None:
                os.close(output)


@dataclass(frozen=True)
class Fork:
    """A function to run in a fork of this process, which is to have a single thread and no connection when it
    starts one.

    It stops when this process is killed, unless `outlives_us`.
    """

    name: str
    run: Callable[[], object]
    stop_timeout: float = STOP_TIMEOUT_S
    outlives_us: bool = False

    def start(self) -> ForkedProcess:
        """Start it. A signal that comes meanwhile waits until the new process has its own handlers."""
        signals = {signal.SIGTERM, signal.SIGINT}
        pipe = None if self.outlives_us else _pipe()
        process = _context.Process(target=_run_forked, args=(self.name, self.run, pipe), name=self.name)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, signals)
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        return ForkedProcess(process)


@dataclass(frozen=True)
class ForkedProcess:
    """A process that runs a function of ours."""

    process: BaseProcess

    def poll(self) -> int | None:
        """Return its status, negative for a signal, or None while it runs."""
        return self.process.exitcode

    def wait(self) -> int:
        """Wait until it has ended, and return its status."""
        self.process.join()
        return self.process.exitcode or 0

    def terminate(self) -> None:
        """Ask it to stop."""
        self.process.terminate()

    def kill(self) -> None:
        """Stop it at once."""
        self.process.kill()


# Forks read the end of one pipe when this process is gone: nobody else holds the end that writes.
_pipes: list[tuple[Connection, Connection]] = []


def _pipe() -> tuple[Connection, Connection]:
    if not _pipes:
        _pipes.append(_context.Pipe(duplex=False))
    return _pipes[0]


def _run_forked(name: str, run: Callable[[], object], pipe: tuple[Connection, Connection] | None) -> None:
    """Run a function in the new process, with the signals of a process that starts."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM, signal.SIGINT})
    with suppress(OSError):  # only Linux has it: the name that ps and top show
        Path("/proc/self/comm").write_text(f"acquis-{name}")
    if pipe is not None:
        reader, writer = pipe
        writer.close()
        _exit_with_parent(reader)
    run()


@dataclass
class _Kept:
    """A program that is kept running."""

    program: Program
    process: Process
    wait: float = _FIRST_WAIT
    began: float = field(default_factory=time.monotonic)
    again_at: float | None = None

    def revive(self) -> None:
        """Start the program again when it has ended, later and later."""
        if self.again_at is None and (status := self.process.poll()) is not None:
            self.wait = _FIRST_WAIT if time.monotonic() - self.began > _HEALTHY_AFTER_S else self.wait
            log.error("process_died", name=self.program.name, status=status, again_in=self.wait)
            _close(self.process)
            self.again_at = time.monotonic() + self.wait
        elif self.again_at is not None and time.monotonic() >= self.again_at:
            self.process, self.again_at = self.program.start(), None
            self.wait, self.began = min(2 * self.wait, _LONGEST_WAIT), time.monotonic()

    def wait_for_the_end(self, since: float) -> None:
        """Wait for a process that was asked to stop, and kill it when its time is over."""
        while self.process.poll() is None and time.monotonic() < since + self.program.stop_timeout:
            time.sleep(0.02)
        if self.process.poll() is None:
            log.warning("process_ended_late", name=self.program.name)
            self.process.kill()
        self.process.wait()
        _close(self.process)


class Supervisor:
    """Keeps programs running.

    Everything happens in the thread that calls: a fork copies no lock that another thread holds.
    """

    def __init__(self, *programs: Program) -> None:
        """Start these programs."""
        self._kept = [_Kept(program, program.start()) for program in programs]

    def keep(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Start again the programs that end, until `is_over`."""
        while not is_over():
            for kept in self._kept:
                kept.revive()
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """Ask all programs to stop, and wait for them."""
        since = time.monotonic()
        for kept in self._kept:
            if kept.process.poll() is None:
                kept.process.terminate()
        for kept in self._kept:
            kept.wait_for_the_end(since)


@contextmanager
def supervise(*programs: Program) -> Iterator[None]:
    """Keep these programs running in a thread; at the end all are asked to stop, and waited for."""
    stopping = threading.Event()
    supervisor = Supervisor(*programs)
    watch = threading.Thread(target=supervisor.keep, args=(stopping.is_set,), daemon=True)
    watch.start()
    try:
        yield
    finally:
        stopping.set()
        watch.join()
        supervisor.stop()


def interrupt_on_sigterm() -> None:
    """Make SIGTERM stop this process as Ctrl-C does."""

    def interrupt(_signal: int, _frame: object) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


def is_parent_gone() -> bool:
    """Tell whether the process that started this command, and holds the other end of its standard input, is gone."""
    readable, _, _ = select.select([sys.stdin.fileno()], [], [], 0)
    return bool(readable) and not os.read(sys.stdin.fileno(), 1)


def _exit_with_parent(reader: Connection) -> None:
    """Stop this process with the one that holds the other end of a pipe."""

    def wait_for_the_end() -> None:
        with suppress(EOFError):
            reader.recv_bytes()
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait_for_the_end, daemon=True).start()


def _close(process: Process) -> None:
    """Close the pipe of a command that has ended."""
    if isinstance(process, subprocess.Popen):
        process.communicate()


if TYPE_CHECKING:
    from flask import Flask

# Where /proc/PID/stat says that the environment begins and ends, counted after the name of the program.
_BEGINS, _ENDS = 47, 48


def hide_secrets() -> None:
    """Empty the secrets in what the kernel shows of this process, which keeps them in its own memory."""
    for name in filter(is_secret, tuple(os.environ)):
        os.environ[name] = os.environ[name]  # the C library has a copy from now on
    try:
        stat = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
        begins, ends = int(stat[_BEGINS]), int(stat[_ENDS])
    except (OSError, IndexError, ValueError):  # no Linux
        return
    place = begins
    for entry in ctypes.string_at(begins, ends - begins).split(b"\0") if 0 < begins < ends else ():
        named, _, value = entry.partition(b"=")
        if is_secret(os.fsdecode(named)):
            ctypes.memset(place + len(named) + 1, 0, len(value))
        place += len(entry) + 1


def settings_or_exit(env: Mapping[str, str] = os.environ) -> Config:
    """Return the settings; end this process with one sentence and status 1 when one cannot be used."""
    try:
        return Config.from_env(env)
    except SettingError as error:
        sys.exit(setting_message(error))


def number_or_exit(env: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    """Return a setting of one program that is a whole number; end this process as `settings_or_exit` does."""
    try:
        return number(env, name, default, least=least, most=most)
    except SettingError as error:
        sys.exit(setting_message(error))


PRIVATE_UMASK = 0o077
# What the product makes at the top of its data folder; other files that lie there are not its own.
_OWN = ("acquis.*", "queue.db*", "*.key", "ledger.jwks.json", "files", "incoming", "heads", "pages")


def restrict_umask(data: Path) -> None:
    """Have this process make files that only its account reads, and take the rights of others from those
    made before.
    """
    os.umask(PRIVATE_UMASK)
    for pattern in _OWN:
        for path in data.glob(pattern):
            with suppress(OSError):  # gone meanwhile, or of another account: its owner decides
                path.chmod(path.stat().st_mode & ~PRIVATE_UMASK)


# What the web process and the worker load, beside the screens.
_MODULES = ("portfolio.app", "portfolio.run.worker", "portfolio.server.run")
# And where files are in a bucket.
_MODULES_OF_S3 = ("portfolio.files.storage.s3", "portfolio.files.uploads.s3_parts")


@contextmanager
def without_garbage_collection() -> Iterator[None]:
    """Load modules without looking for garbage meanwhile: everything stays, and looking takes a fifth of the time."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def load_application(config: Config) -> Flask:
    """Import what every process of the product needs, and return the application that each fork gives its stores;
    nothing of it makes a thread, a connection or a socket.
    """
    with without_garbage_collection():
        for name in (*_MODULES, *(_MODULES_OF_S3 if config.files_url else ())):
            import_module(name)
        app: Flask = import_module("portfolio.app").wire_app(config)
    gc.freeze()  # a collection in a fork would write to memory that all of them share
    return app


def tell_of_walls(config: Config) -> None:
    """Say on the error output that this machine does not isolate what opens a file; nothing when it does."""
    from portfolio.files.conversion.machine import walls_of_machine
    from portfolio.wording.conversion import walls_sentence

    sentence = walls_sentence(are_closed=walls_of_machine().are_closed, is_accepted=config.unconfined_conversion)
    if sentence:
        print(sentence, file=sys.stderr)
