"""The worker: what comes first is asked again after each task, a failure stops nothing, a stop ends what runs."""

import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlalchemy import Engine, bindparam, event, false, literal, true
from structlog.testing import capture_logs

from portfolio.db.engine import UtcDateTime, make_engine
from portfolio.tasks import queue
from portfolio.tasks.queue import Poll, TaskSource, Worker, next_task


@pytest.fixture
def engine(tmp_path) -> Iterator[Engine]:
    made = make_engine(f"sqlite:///{tmp_path / 'acquis.db'}")
    yield made
    made.dispose()


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
    claims, tasks = (
        TaskSource("claims", failing, pause_seconds=60),
        TaskSource("tasks", lambda: failing, pause_seconds=60),
    )
    sources = [claims, tasks, TaskSource("file", Pending(ran, "book 1").claim)]
    with capture_logs() as logged:
        while task := next_task(sources):
            task()
    assert ran == ["book 1"]
    assert [(entry["event"], entry["task"]) for entry in logged] == [
        ("task_failed", "claims"),
        ("task_failed", "tasks"),
    ]
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic(): now + 61)
    assert next_task(sources) is not None, "it is tried again"


def test_an_urgent_task_does_not_wait_for_the_threads_that_work_and_the_kernel_prefers_it(monkeypatch, engine):
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
    worker = Worker(engine, sources, urgent=1)
    running = threading.Thread(target=worker.run, args=(2,))
    running.start()
    busy.wait(10)  # both threads work
    pages.names.append("page 7")
    assert free.wait(10), "the page waits for a book"
    worker.stopping.set()
    running.join(10)
    assert nice["batch"] == min(19, nice["page"] + queue.BATCH_NICENESS) > nice["page"]


def test_a_worker_that_is_stopped_ends_what_it_runs_and_begins_nothing_more(monkeypatch, engine):
    monkeypatch.setattr(queue, "POLL_SECONDS", 0.01)
    ran: list[str] = []
    started, go_on = threading.Event(), threading.Event()

    def first():
        started.set()
        go_on.wait(10)
        ran.append("first")

    tasks = deque([first, lambda: ran.append("second")])
    worker = Worker(engine, [TaskSource("file", lambda: tasks.popleft() if tasks else None)])
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


def test_one_statement_says_which_sources_are_due_and_only_these_are_asked(engine):
    ran, asked, statements = [], [], []
    event.listen(engine, "before_cursor_execute", lambda *values: statements.append(values[2]))
    moments = [datetime(2026, 3, 2, 8, tzinfo=UTC), datetime(2026, 3, 2, 10, tzinfo=UTC)]
    at = bindparam("now", callable_=lambda: moments[0], type_=UtcDateTime())
    nine = literal(datetime(2026, 3, 2, 9, tzinfo=UTC), UtcDateTime())

    def claim(name):
        return lambda: asked.append(name)

    sources = [
        TaskSource("never", claim("never"), false()),
        TaskSource("from nine", claim("from nine"), nine <= at),
        TaskSource("unknown", claim("unknown")),
        TaskSource("page", Pending(ran, "page 7").claim, true()),
    ]
    poll = Poll(engine, sources)
    next_task(poll.due_sources())()
    assert (ran, asked, len([one for one in statements if one.startswith("SELECT")])) == (["page 7"], ["unknown"], 1)
    moments.pop(0)
    assert next_task(poll.due_sources()) is None
    assert asked == ["unknown", "from nine", "unknown"]


def test_a_database_that_is_away_is_logged_without_a_trace_and_left_alone_for_a_while(tmp_path, monkeypatch):
    asked = []
    away = make_engine(f"sqlite:///{tmp_path}/missing/acquis.db")
    poll = Poll(
        away,
        [TaskSource("page", lambda: asked.append("page"), true()), TaskSource("file", lambda: asked.append("file"))],
    )
    with capture_logs() as logged:
        for _ in range(3):
            next_task(poll.due_sources())
    assert [(entry["task"], entry["exc_info"]) for entry in logged] == [("poll", False)]
    assert asked == ["file"] * 3
    (tmp_path / "missing").mkdir()
    monkeypatch.setattr(time, "monotonic", lambda now=time.monotonic(): now + 3)
    next_task(poll.due_sources())
    assert asked[3:] == ["page", "file"], "it is asked again"
    away.dispose()
