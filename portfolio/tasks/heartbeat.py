"""Whether a worker is there: it says so every few seconds where the line is kept, and any process may ask."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portfolio.tasks.queue import TaskQueue

# How often a worker says that it is there; how long after its last word it is taken for stopped (a start takes a few seconds).
HEARTBEAT_S = 10.0
STALLED_AFTER = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """When a worker was last there; None when there never was one, or when nobody can tell."""

    last: datetime | None

    def is_working(self, at: datetime) -> bool:
        """Say whether a worker is there at this moment."""
        return self.last is not None and at - self.last < STALLED_AFTER

    def keeps_waiting(self, since: datetime, at: datetime) -> bool:
        """Say whether what waits since this moment waits for a worker that is not there, not for its turn."""
        return not self.is_working(at) and at - since >= STALLED_AFTER


def worker_status(line: TaskQueue) -> WorkerStatus:
    """Answer when a worker of this line was last there."""
    return WorkerStatus(line.last_beat())


def send_heartbeats(line: TaskQueue, clock: Callable[[], datetime], stopping: threading.Event) -> None:
    """Say that a worker is there, until it stops."""
    while True:
        line.beat(clock())
        if stopping.wait(HEARTBEAT_S):
            return
