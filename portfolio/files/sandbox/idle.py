"""The time that a process which waits for files stays when none comes: its memory is then given back."""

import threading
from collections.abc import Callable

_stay_s = 180.0


def install(seconds: float) -> None:
    """Set after how many seconds without a file the waiting processes of this one leave."""
    global _stay_s
    _stay_s = seconds


def stay_s() -> float:
    """Return how many seconds a process waits for a file before it leaves."""
    return _stay_s


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
            self._timer = threading.Timer(_stay_s, self._leave)
            self._timer.daemon = True
            self._timer.start()

    def cancel(self) -> None:
        """Stop the time."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
