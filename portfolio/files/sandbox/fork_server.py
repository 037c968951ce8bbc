"""A fork server: a process that has imported everything forks one limited child for each file, in advance."""

import atexit
import json
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from portfolio.files.sandbox.policy import ChildKind, prepare_filter
from portfolio.files.sandbox.process import PATIENCE, ChildOutput, log_not_started, read_available, spawn_sandboxed
from portfolio.files.sandbox.walls import unshare_namespaces

_MAX_MESSAGE_BYTES = 4096
_TAKEN = b"."


def has_pidfd() -> bool:
    """Return whether the system has process descriptors (pidfd, Linux), which name a process without a race."""
    try:
        held = os.pidfd_open(os.getpid())
        signal.pidfd_send_signal(held, 0)
    except (AttributeError, OSError):
        return False
    os.close(held)
    return True


def send_file(channel: socket.socket, file: int, answer: int, *arguments: str | int) -> int | None:
    """Send an open file and the output pipe to the process at the other end.

    Return the descriptor of the child process, where pidfd exists. Raise OSError when the other end is closed.
    """
    socket.send_fds(channel, [json.dumps(arguments).encode() + b"\n"], [file, answer])
    data, held, _, _ = socket.recv_fds(channel, 1, 1)
    if not data:
        raise ConnectionResetError
    return held[0] if held else None


def receive_file(*, forks: bool, rehearse: Callable[[], object] = lambda: None) -> list[str | int]:
    """In the fork server: wait on standard input for files, and run the callback once in the child that receives one.

    The file becomes the standard input of the child, and the pipe its standard output; the child has no network and no
    memory of other files. Each child runs `rehearse` while it waits, so that it has its own copy of the memory pages.
    The fork server touches no file, never returns, and stops with the process that started it, when the socket closes.
    """
    unshare_namespaces()
    prepare_filter(ChildKind.DECODER)
    channel, answer = socket.socket(fileno=0), -1
    if forks:
        answer = _fork_server_child()
        unshare_namespaces()
        rehearse()
    asked, files, _, _ = socket.recv_fds(channel, _MAX_MESSAGE_BYTES, 2)
    if len(files) != 2:
        os._exit(0)
    held = [os.pidfd_open(os.getpid())] if forks else []
    socket.send_fds(channel, [_TAKEN], held)
    os.dup2(files[0], channel.detach())  # closes the socket before anything else
    os.dup2(files[1], 1)
    if forks:
        os.write(answer, _TAKEN)
        os.close(answer)
    for descriptor in (*files, *held):
        os.close(descriptor)
    arguments: list[str | int] = json.loads(asked)
    return arguments


def _fork_server_child() -> int:
    """Fork a child, and another one each time a child has received a file; return, in each child, the pipe
    for its message.
    """
    signal.signal(
        signal.SIGCHLD, signal.SIG_IGN
    )  # held by a descriptor of its own, a child is buried at once when it ends
    while True:
        read, write = os.pipe()
        if not os.fork():
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.close(read)
            return write
        os.close(write)
        if (
            os.read(read, 1) != _TAKEN
        ):  # nobody hands files any more, or the child died: a file handed now would wait in vain
            os._exit(0)
        os.close(read)


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


_idle_s = 180.0


def leave_after(seconds: float) -> None:
    """Set after how many seconds without a file the waiting processes of this one leave."""
    global _idle_s
    _idle_s = seconds


def idle_s() -> float:
    """Return how many seconds a process waits for a file before it ends."""
    return _idle_s


class IdleTimer:
    """Calls a function once nothing has used a thing for the time set here.

    It is used under a lock of its owner, which asks `is_used` again in the function: a use that begins meanwhile wins.
    """

    def __init__(self, leave: Callable[[], object]) -> None:
        """Wait for the first use."""
        self._leave, self._users = leave, 0
        self._timer: threading.Timer | None = None

    @property
    def is_used(self) -> bool:
        """Return whether the thing is used now."""
        return self._users > 0

    def begin(self) -> None:
        """Count a use that begins."""
        self._users += 1
        self.cancel()

    def end(self) -> None:
        """Count a use that has ended; after the last one, the time begins."""
        self._users -= 1
        self.restart()

    def restart(self) -> None:
        """Begin the time again, unless the thing is used."""
        self.cancel()
        if not self._users:
            self._timer = threading.Timer(_idle_s, self._leave)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Stop the time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class ForkServer:
    """Run `main()` of a module, each time in a new child process. The fork server stays after its first use, and ends
    when no file comes (`idle`): the next file starts another.

    Thread-safe. No process is started before the first file. A fork of this process starts its own server.
    Where pidfd is missing, the server itself opens the file, and a new one is started afterwards.
    """

    def __init__(self, main: str, *, forks: bool | None = None) -> None:
        """Prepare the fork server of this module; nothing is started yet."""
        self._main = main
        self._forks = has_pidfd() if forks is None else forks
        self._lock = threading.Lock()
        self._process: _Process | None = None
        self._idle = IdleTimer(self._leave)
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
            self._idle.restart()

    def end(self) -> None:
        """Stop the fork server."""
        self._idle.cancel()
        process = self._process
        if process and self._parted(process):
            process.end()

    @contextmanager
    def _child_output(self, file: int, seconds: int, *arguments: str) -> Iterator[ChildOutput]:
        read, write = os.pipe()
        with open(read, "rb"), self._used():
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

    @contextmanager
    def _used(self) -> Iterator[None]:
        """Keep the fork server meanwhile: its children end with it."""
        with self._lock:
            self._idle.begin()
        try:
            yield
        finally:
            with self._lock:
                self._idle.end()

    def _leave(self) -> None:
        """Stop the fork server, unless a file has come meanwhile."""
        with self._lock:
            process = None if self._idle.is_used else self._process
            if process:
                self._process = None
        if process:
            process.end()

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
        self._lock, self._idle = threading.Lock(), IdleTimer(self._leave)
        if self._process:
            self._process.detach()
            self._process = None


def _killed(child: int) -> None:
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(child, signal.SIGKILL)
    os.close(child)
