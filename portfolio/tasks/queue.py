"""The task queue: rows with `run_after`, a lease and attempts are the tasks; the threads of a worker poll them.

A task is claimed in a short transaction and runs outside it. When a worker dies, the lease stays on the row: another
worker claims the task when the lease is over. A task that fails counts an attempt on its row, which is given back for a
retry. Nothing else remembers a task, so nothing is lost with a process.

A poll is one statement that answers which sources have a task that is due; only these are asked for it.
"""

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, Engine, Executable, select
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger("acquis")

POLL_SECONDS = 0.5
URGENT_POLL_SECONDS = 0.2
# How long a stopped worker waits for the tasks that are running; what is not over is claimed again after its
# lease.
STOP_SECONDS = 8.0
# The niceness of tasks that nobody waits for: on a busy machine the kernel runs the others first.
BATCH_NICENESS = 10

_AWAY = (OSError, DBAPIError)
Task = Callable[[], object]
T = TypeVar("T")


@dataclass
class TaskSource:
    """One kind of pending row.

    `claim` leases the most urgent one and returns how to run it; None when none is due. `due` is a cheap condition
    without which `claim` would return None; without a condition, `claim` is called at each poll. A claim or a task that
    raises is logged, and this process waits before it asks the source again: `pause_seconds`.
    """

    name: str
    claim: Callable[[], Task | None]
    due: ColumnElement[bool] | None = None
    pause_seconds: float = 2.0
    _paused_until: float = field(default=0.0, init=False)

    def next_task(self) -> Task | None:
        """Claim a task and return how to run it; None when there is none. Nothing is raised."""
        task = self._guarded(self.claim) if time.monotonic() >= self._paused_until else None
        return partial(self._guarded, task) if task is not None else None

    def _guarded(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except Exception as error:
            _log_failure(self.name, error)
            self._paused_until = time.monotonic() + self.pause_seconds
            return None


@dataclass
class Poll:
    """Asks the database, in one statement, which of these sources have a task that is due.

    A database that is away is logged, and left alone for `pause_seconds`.
    """

    engine: Engine
    sources: Sequence[TaskSource]
    pause_seconds: float = 2.0
    _paused_until: float = field(default=0.0, init=False)

    def due_sources(self) -> list[TaskSource]:
        """Return the sources that may have a task, in their order: those that are due, and those without
        a condition.
        """
        due = self._due_names()
        return [source for source in self.sources if source.due is None or source.name in due]

    def _due_names(self) -> frozenset[str]:
        if self._statement is None or time.monotonic() < self._paused_until:
            return frozenset()
        try:
            with self.engine.connect() as connection:
                row = connection.execute(self._statement).one()
        except Exception as error:
            _log_failure("poll", error)
            self._paused_until = time.monotonic() + self.pause_seconds
            return frozenset()
        return frozenset(name for name, is_due in row._mapping.items() if is_due)

    @cached_property
    def _statement(self) -> Executable | None:
        """Return the statement, built once: its moments are those of its execution."""
        conditions = [source.due.label(source.name) for source in self.sources if source.due is not None]
        return select(*conditions) if conditions else None


def _log_failure(name: str, error: Exception) -> None:
    # A network or a store that is away needs no trace: its name says it.
    log.error("task_failed", task=name, kind=type(error).__name__, exc_info=not isinstance(error, _AWAY))


def next_task(sources: Sequence[TaskSource]) -> Task | None:
    """Claim the first task that is due, the first source first; return how to run it, or None when there is none."""
    return next((task for source in sources if (task := source.next_task()) is not None), None)


@dataclass
class Worker:
    """Threads that run the tasks of `sources`, the first source first, and one more thread for the first `urgent` ones.

    A thread asks the first source again after each task: what comes first never waits for more than the tasks that run.
    The thread for urgent tasks waits for none of them, and the kernel prefers it: the others are nice.
    """

    engine: Engine
    sources: Sequence[TaskSource]
    urgent: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    # What gives back the tasks that are not over when the worker stops.
    release: Callable[[], None] | None = None

    def run(self, threads: int) -> None:
        """Run tasks in so many threads until `stopping` is set; wait a limited time for those that are running."""
        polling = threading.Lock()  # one of the threads polls at a time: idle ones cost nothing
        batch = partial(self._loop, Poll(self.engine, self.sources), polling, POLL_SECONDS)
        urgent = Poll(self.engine, self.sources[: self.urgent])
        started = [threading.Thread(target=batch, args=(BATCH_NICENESS,), daemon=True) for _ in range(threads)]
        if self.urgent:
            started.append(
                threading.Thread(target=self._loop, args=(urgent, threading.Lock(), URGENT_POLL_SECONDS), daemon=True)
            )
        for thread in started:
            thread.start()
        self.stopping.wait()
        until = time.monotonic() + STOP_SECONDS
        for thread in started:
            thread.join(max(0.0, until - time.monotonic()))
        if self.release is not None and any(thread.is_alive() for thread in started):
            self.release()

    def _loop(self, poll: Poll, polling: threading.Lock, every: float, niceness: int = 0) -> None:
        _be_nice(niceness)
        while not self.stopping.is_set():
            task = None
            with polling:
                while task is None and not self.stopping.is_set():
                    task = next_task(poll.due_sources())
                    if task is None:
                        self.stopping.wait(every)
            if task is not None:
                task()


def _be_nice(niceness: int) -> None:
    """Lower the priority of this thread and of the processes that it starts; only Linux does so for one thread."""
    if niceness and os.path.exists("/proc/self/task"):
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + niceness))
