"""A limited child started in advance: it has loaded everything, and waits for the one file it will ever open."""

from __future__ import annotations

import atexit
import os
import socket
import threading

from portfolio.storage.confinement import READY
from portfolio.storage.handing import hand
from portfolio.storage.limited_child import heard, start_child


class _Waiting:
    """A child that waits at the other end of a socket, and ends when the socket does: it cannot outlive us."""

    def __init__(self, main: str) -> None:
        self._line, theirs = socket.socketpair()
        with theirs:
            self._child = start_child(main, theirs.fileno())

    def run(self, file: int, seconds: int) -> bytes:
        """Hand it the file, and answer what it says of it; nothing when it was dead."""
        with self._line:
            try:
                hand(self._line, file, seconds)
            except OSError:  # its own words, if any, are in the log below
                self._child.kill()
        return heard(self._child, seconds)

    def end(self) -> None:
        """End it, with nothing done."""
        with self._line, self._child:
            self._child.kill()

    def leave(self) -> None:
        """Let go of the child of the process we were forked from: it is not ours to end."""
        self._line.close()
        self._child.poll()  # it is no child of ours: so that nobody waits for it
        for pipe in (self._child.stdout, self._child.stderr):
            if pipe is not None:
                pipe.close()


class Spare:
    """Runs `main()` of a module, each time in a new child; once one was of use, the next waits ready. Of any thread.

    A server that receives nothing keeps none. A process forked from this one starts its own.
    """

    def __init__(self, main: str) -> None:
        """Run this module; nothing is started yet."""
        self._main = main
        self._lock = threading.Lock()
        self._waiting: _Waiting | None = None
        atexit.register(self.end)
        os.register_at_fork(after_in_child=self._forked)

    def run(self, file: int, seconds: int) -> bytes:
        """Answer what the child says of an open file, as `run_child` does; it has so many seconds of processor.

        A child that says nothing before READY has not touched the file: another may be started on it.
        """
        waiting = self._taken()
        output = waiting.run(file, seconds) if waiting else b""
        if not output.startswith(READY):
            output = _Waiting(self._main).run(file, seconds)
        if output.startswith(READY):
            self._renew()
        return output

    def end(self) -> None:
        """End the one that waits."""
        waiting = self._taken()
        if waiting:
            waiting.end()

    def _taken(self) -> _Waiting | None:
        with self._lock:
            waiting, self._waiting = self._waiting, None
        return waiting

    def _renew(self) -> None:
        with self._lock:
            if self._waiting is None:
                self._waiting = _Waiting(self._main)

    def _forked(self) -> None:
        self._lock = threading.Lock()
        waiting = self._taken()
        if waiting:
            waiting.leave()
