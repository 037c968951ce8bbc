"""The task queue: rows with `run_after`, a lease and attempts are the tasks; the threads of a worker poll them.

A task is claimed in a short transaction and runs outside it. Whatever ends a worker leaves the lease on the row: another
worker claims the task when the lease is over. Nothing else remembers a task, so nothing is lost with a process.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import structlog
from sqlalchemy.exc import DBAPIError

log = structlog.get_logger("acquis")

POLL_SECONDS = 0.5
# How long a stopped worker waits for the tasks that are running; what is not over is claimed again after its lease.
STOP_SECONDS = 20.0
# The niceness of tasks that nobody waits for: on a busy machine the kernel runs the others first.
BATCH_NICENESS = 10

_AWAY = (OSError, DBAPIError)
Task = Callable[[], object]
T = TypeVar("T")


@dataclass
class TaskSource:
    """One kind of pending row. `claim` leases the most urgent one and returns how to run it; None when none is due.

    A claim or a task that raises is logged, and this process leaves the source alone for `pause_seconds`. A process runs
    `at_once` tasks of this source at a time.
    """

    name: str
    claim: Callable[[], Task | None]
    pause_seconds: float = 2.0
    at_once: int = sys.maxsize
    _paused_until: float = field(default=0.0, init=False)
    _slots: threading.Semaphore = field(init=False)

    def __post_init__(self) -> None:
        """Make the slots of the tasks that run at a time."""
        self._slots = threading.Semaphore(self.at_once)

    def next_task(self) -> Task | None:
        """Claim a task and return how to run it; None when there is none, or none may run now. Nothing is raised."""
        if time.monotonic() < self._paused_until or not self._slots.acquire(blocking=False):
            return None
        task = self._guarded(self.claim)
        if task is None:
            self._slots.release()
            return None
        return partial(self._run, task)

    def _run(self, task: Task) -> None:
        try:
            self._guarded(task)
        finally:
            self._slots.release()

    def _guarded(self, act: Callable[[], T]) -> T | None:
        try:
            return act()
        except Exception as error:
            # A network or a store that is away needs no trace: its name says it.
            log.error("task_failed", task=self.name, kind=type(error).__name__, exc_info=not isinstance(error, _AWAY))
            self._paused_until = time.monotonic() + self.pause_seconds
            return None


@dataclass
class Worker:
    """Threads that run the tasks of `sources`, the first source first, and one more thread for the first `urgent` ones.

    A thread asks the first source again after each task: what comes first never waits for more than the tasks that run.
    The thread for urgent tasks waits for none of them, and the kernel prefers it: the others are nice.
    """

    sources: Sequence[TaskSource]
    urgent: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)

    def run(self, threads: int) -> None:
        """Run tasks in so many threads until `stopping` is set; wait a limited time for those that are running."""
        urgent = self.sources[: self.urgent]
        started = [threading.Thread(target=self._loop, args=(urgent, threading.Lock(), 0), daemon=True)] if urgent else []
        # One thread polls at a time: idle threads cost nothing.
        polling = threading.Lock()
        for _ in range(threads):
            started.append(threading.Thread(target=self._loop, args=(self.sources, polling, BATCH_NICENESS), daemon=True))
        for thread in started:
            thread.start()
        self.stopping.wait()
        until = time.monotonic() + STOP_SECONDS
        for thread in started:
            thread.join(max(0.0, until - time.monotonic()))

    def run_next(self, sources: Sequence[TaskSource] | None = None) -> bool:
        """Run the first task that is due, here and now; return whether there was one."""
        task = self._claim(self.sources if sources is None else sources)
        if task is not None:
            task()
        return task is not None

    def _loop(self, sources: Sequence[TaskSource], polling: threading.Lock, niceness: int) -> None:
        _be_nice(niceness)
        while not self.stopping.is_set():
            with polling:
                task = None
                while task is None and not self.stopping.is_set():
                    task = self._claim(sources)
                    if task is None:
                        self.stopping.wait(POLL_SECONDS)
            if task is not None:
                task()

    def _claim(self, sources: Sequence[TaskSource]) -> Task | None:
        return next((task for source in sources if (task := source.next_task()) is not None), None)


def _be_nice(niceness: int) -> None:
    """Lower the priority of this thread and of the processes that it starts; only Linux does so for one thread."""
    if niceness and os.path.exists("/proc/self/task"):
        thread = threading.get_native_id()
        os.setpriority(os.PRIO_PROCESS, thread, min(19, os.getpriority(os.PRIO_PROCESS, thread) + niceness))
