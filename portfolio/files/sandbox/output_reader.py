"""Read the output of a sandboxed child step by step; only what was requested is held in memory."""

from __future__ import annotations

import logging
import os
import selectors
import time
from collections.abc import Iterator
from contextlib import contextmanager

from portfolio.files.sandbox.limits import READY
from portfolio.files.sandbox.process import read_available, spawn_sandboxed
from portfolio.files.storage.store import CHUNK_BYTES

_log = logging.getLogger(__name__)

# How many times the seconds of processor that it may take a child may be silent: a busy machine gives it a
# part of them.
PATIENCE = 6.0


class ChildOutput:
    """The output of one child process.

    The total waiting time is limited; after that the output counts as ended.
    """

    def __init__(self, pipe: int, patience: float) -> None:
        """Read from the pipe of a child; the time between two reads does not count."""
        self._pipe, self._patience = pipe, patience
        self._held = bytearray()
        self._ended = False
        # Whether more was asked for than the child said.
        self.is_cut = False
        self._waiting = selectors.DefaultSelector()
        self._waiting.register(self._pipe, selectors.EVENT_READ)
        self.ready = self.bytes(len(READY)) == READY

    @property
    def is_late(self) -> bool:
        """Tell whether it was silent for all its time without an end: the machine was busy, for its limits end it
        sooner.
        """
        return self._patience <= 0 and not self._ended

    def line(self, most: int) -> bytes | None:
        """Answer the next line without its end; None when there is none that is so short."""
        while b"\n" not in self._held:
            if len(self._held) > most or not self._more():
                return None
        line, _, rest = bytes(self._held).partition(b"\n")
        self._held = bytearray(rest)
        return line if len(line) <= most else None

    def bytes(self, count: int) -> bytes | None:
        """Answer exactly so many bytes; None when fewer come."""
        while len(self._held) < count:
            if not self._more():
                return None
        found = bytes(self._held[:count])
        del self._held[:count]
        return found

    def close(self) -> None:
        """Stop waiting."""
        self._waiting.close()

    def _more(self) -> bool:
        if self._ended or self._patience <= 0:
            self.is_cut = True
            return False
        began = time.monotonic()
        if not self._waiting.select(self._patience):
            self._patience, self.is_cut = 0, True
            return False
        self._patience -= time.monotonic() - began
        chunk = os.read(self._pipe, CHUNK_BYTES)
        self._held += chunk
        self._ended = self.is_cut = not chunk
        return bool(chunk)


@contextmanager
def sandboxed_output(main: str, file: int, seconds: int, *arguments: str) -> Iterator[ChildOutput]:
    """Run `main()` of a module on the open file given as its standard input, and yield its output; the child
    ends with it.

    `seconds` is the CPU time limit, passed as first argument; the wall-clock limit is six times as long, for
    a busy machine. A first line other than `ready` is a fault of ours, and is logged.
    """
    with spawn_sandboxed(main, file, seconds, *arguments) as child:
        assert child.stdout is not None
        answer = ChildOutput(child.stdout.fileno(), PATIENCE * seconds)
        if not answer.ready:
            child.kill()
            errors = read_available(child.stderr)
            _log.error(
                "a limited child cannot start: exit %s, %s", child.wait(), errors[-2000:].decode("utf-8", "replace")
            )
        try:
            yield answer
        finally:
            answer.close()
            child.kill()
