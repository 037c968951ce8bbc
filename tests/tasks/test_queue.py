"""The worker: what comes first is asked again after each task, a failure stops nothing, a stop ends what runs."""

from __future__ import annotations

import os
import threading
import time
from collections import deque

import pytest
from structlog.testing import capture_logs

from portfolio.tasks import queue
from portfolio.tasks.queue import TaskSource, Worker, next_task


class Pending:
    """Tasks that wait, and the log of those that ran."""

    def __init__(self, ran: list[str], *names: str) -> None:
        self.ran, self.names = ran, deque(names)

    def claim(self):
        if not self.names:
            return None
        name = self.names.popleft()
        return lambda: self.ran.append(name)


def test_what_comes_first_is_asked_again_after_each_task():
    ran: list[str] = []
    pages, files = Pending(ran), Pending(ran, "book 1", "book 2", "book 3")
    sources = [TaskSource("page", pages.claim), TaskSource("file", files.claim)]
    next_task(sources)()
    pages.names.append("page 7")
    while task := next_task(sources):
        task()
    assert ran == ["book 1", "page 7", "book 2", "book 3"]


def failing(*_: object) -> None:
    raise ZeroDivisionError


def test_a_source_that_fails_is_logged_and_left_alone_for_a_while_and_stops_no_other(monkeypatch):
    ran: list[str] = []
    claims, tasks = TaskSource("claims", failing, pause_seconds=60), TaskSource("tasks", lambda: failing, pause_seconds=60)
    sources = [claims, tasks, TaskSource("file", Pending(ran, "book 1").claim)]
    with capture_logs() as logged:
        while task := next_task(sources):
            task()
    assert ran == ["book 1"]
    assert [(entry["event"], entry["task"]) for entry in logged] == [("task_failed", "claims"), ("task_failed", "tasks")]
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic(): now + 61)
    assert next_task(sources) is not None, "it is tried again"


def test_an_urgent_task_does_not_wait_for_the_threads_that_work_and_the_kernel_prefers_it(monkeypatch):
    monkeypatch.setattr(queue, "POLL_SECONDS", 0.01)
    ran, nice, busy, free = [], {}, threading.Barrier(3), threading.Event()
    pages = Pending(ran)

    def batch():
        nice["batch"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        busy.wait(10)
        free.wait(10)

    def page():
        nice["page"] = os.getpriority(os.PRIO_PROCESS, threading.get_native_id())
        ran.append("page 7")
        free.set()

    books = deque([batch, batch])
    sources = [TaskSource("page", lambda: page if pages.claim() else None)]
    sources.append(TaskSource("file", lambda: books.popleft() if books else None))
    worker = Worker(sources, urgent=1)
    running = threading.Thread(target=worker.run, args=(2,))
    running.start()
    busy.wait(10)  # both threads work
    pages.names.append("page 7")
    assert free.wait(10), "the page waits for a book"
    worker.stopping.set()
    running.join(10)
    assert nice["batch"] == min(19, nice["page"] + queue.BATCH_NICENESS) > nice["page"]


def test_a_worker_that_is_stopped_ends_what_it_runs_and_begins_nothing_more(monkeypatch):
    monkeypatch.setattr(queue, "POLL_SECONDS", 0.01)
    ran: list[str] = []
    started, go_on = threading.Event(), threading.Event()

    def first():
        started.set()
        go_on.wait(10)
        ran.append("first")

    tasks = deque([first, lambda: ran.append("second")])
    worker = Worker([TaskSource("file", lambda: tasks.popleft() if tasks else None)])
    running = threading.Thread(target=worker.run, args=(1,))
    running.start()
    assert started.wait(10)
    worker.stopping.set()
    go_on.set()
    running.join(10)
    assert not running.is_alive()
    assert ran == ["first"]


@pytest.mark.parametrize("away", [OSError, ZeroDivisionError])
def test_a_network_that_is_away_is_logged_without_a_trace(away):
    def claim():
        raise away("nobody answers")

    with capture_logs() as logged:
        TaskSource("mail", claim).next_task()
    assert [entry["exc_info"] for entry in logged] == [away is ZeroDivisionError]
