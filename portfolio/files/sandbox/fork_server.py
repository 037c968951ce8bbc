"""A fork server: a process that has imported everything forks one limited child for each file, in advance."""

import atexit
import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from portfolio.files.sandbox.fd_passing import has_pidfd, send_file
from portfolio.files.sandbox.process import PATIENCE, ChildOutput, log_not_started, read_available, spawn_sandboxed


class _Process:
    """A process at the other end of a socket.

    It stops when the socket closes, so it cannot outlive this process.
    """

    def __init__(self, main: str, *, forks: bool) -> None:
        self._socket, theirs = socket.socketpair()
        with theirs:
            self._it = spawn_sandboxed(main, theirs.fileno(), int(forks))

    def send_file(self, file: int, answer: int, seconds: int, *arguments: str) -> int | None:
        """Send a file; return the descriptor of the child that received it, or None without pidfd or when
        it is dead.
        """
        self._socket.settimeout(PATIENCE * seconds)
        try:
            return send_file(self._socket, file, answer, seconds, *arguments)
        except OSError:  # its own words, if any, are told at its end
            self._it.kill()
            return None

    def end(self) -> tuple[int | None, bytes]:
        """End it, and answer how it had ended, if it had, and its last words."""
        with self._socket, self._it:
            self._it.kill()
            return self._it.returncode, read_available(self._it.stderr)

    def detach(self) -> None:
        """Close the socket in a forked process without stopping the server: it belongs to the parent."""
        self._socket.close()
        self._it.poll()  # it is no child of ours: so that nobody waits for it
        for pipe in (self._it.stdout, self._it.stderr):
            if pipe is not None:
                pipe.close()


class ForkServer:
    """Run `main()` of a module, each time in a new child process. The fork server stays after its first use.

    Thread-safe. No process is started before the first file. A fork of this process starts its own server.
    Where pidfd is missing, the server itself opens the file, and a new one is started afterwards.
    """

    def __init__(self, main: str, *, forks: bool | None = None) -> None:
        """Prepare the fork server of this module; nothing is started yet."""
        self._main = main
        self._forks = has_pidfd() if forks is None else forks
        self._lock = threading.Lock()
        self._process: _Process | None = None
        atexit.register(self.end)
        os.register_at_fork(after_in_child=self._forked)

    @contextmanager
    def output(self, file: int, seconds: int, *arguments: str) -> Iterator[ChildOutput]:
        """Yield what the child says of an open file step by step, as `sandboxed_output` does; the child ends with it.

        `arguments` follow the seconds of processor in what the child receives. A child that says nothing before READY
        has not touched the file: another is started on it.
        """
        with self._child_output(file, seconds, *arguments) as output:
            if output.ready:
                yield output
        if not output.ready:
            with self._child_output(file, seconds, *arguments) as output:
                yield output
        if output.ready:
            self.start()

    def start(self) -> None:
        """Start the fork server if it is not there, ahead of the next file."""
        with self._lock:
            self._process = self._process or _Process(self._main, forks=self._forks)

    def end(self) -> None:
        """Stop the fork server."""
        process = self._process
        if process and self._parted(process):
            process.end()

    @contextmanager
    def _child_output(self, file: int, seconds: int, *arguments: str) -> Iterator[ChildOutput]:
        read, write = os.pipe()
        with open(read, "rb"):
            try:
                process, child = self._born(file, write, seconds, *arguments)
            finally:
                os.close(write)
            output = ChildOutput(read, PATIENCE * seconds)
            try:
                yield output
            finally:
                output.close()
                if child is not None:
                    _killed(child)
                # A fork server whose child crashed on a file is not used again: what an attacker learns of its
                # memory is lost.
                ended = process.end() if child is None or (output.is_cut and self._parted(process)) else (None, b"")
                if not output.ready:
                    log_not_started(*ended)

    def _born(self, file: int, answer: int, seconds: int, *arguments: str) -> tuple[_Process, int | None]:
        with self._lock:
            process = self._process or _Process(self._main, forks=self._forks)
            child = process.send_file(file, answer, seconds, *arguments)
            self._process = None if child is None else process
        return process, child

    def _parted(self, process: _Process) -> bool:
        with self._lock:
            ours = self._process is process
            if ours:
                self._process = None
        return ours

    def _forked(self) -> None:
        self._lock = threading.Lock()
        if self._process:
            self._process.detach()
            self._process = None


def _killed(child: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(child, signal.SIGKILL)
    os.close(child)
