"""The line of errands: what is ordered leaves with the commit, the most urgent first; what is written there can run nothing."""

from __future__ import annotations

import pickle
from collections.abc import Iterator

import pytest
from huey.storage import MemoryStorage
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portfolio.db.engine import Database
from portfolio.tasks import queue as lines
from portfolio.tasks.enqueue import QUEUE, Priority, enqueue_after_commit
from portfolio.tasks.queue import TaskQueue, create_queue
from portfolio.tasks.serializer import JsonSerializer
from tests.conftest import config_for


@pytest.fixture
def line(database_url, tmp_path) -> Iterator[TaskQueue]:
    """The line of an installation, on each store."""
    found = create_queue(config_for(database_url, tmp_path))
    yield found
    found._huey().storage.close()


@pytest.fixture
def db(database_url, line) -> Iterator[Database]:
    database = Database(database_url, {QUEUE: line})
    yield database
    database.engine.dispose()


def taken(line: TaskQueue) -> list[tuple[str, ...]]:
    """Everything in the line, in the order in which a worker takes it."""
    store = line._huey().storage
    store.blocking = False
    found = []
    while (data := store.dequeue()) is not None:
        found.append(tuple(line._huey().deserialize_task(data).args))
    return found


def test_what_is_ordered_is_in_the_line_after_the_commit_once(db, line):
    with db.transaction() as session:
        for _ in range(3):
            enqueue_after_commit(session, "mail")
        enqueue_after_commit(session, "draw", "a")
        assert line.waiting() == 0
    assert taken(line) == [("mail",), ("draw", "a")]


def test_what_is_rolled_back_was_never_ordered(db, line):
    def act() -> None:
        with db.transaction() as session:
            enqueue_after_commit(session, "mail")
            session.execute(text("SELECT 1 FROM nowhere"))

    with pytest.raises(DBAPIError):
        act()
    assert line.waiting() == 0


def test_whoever_is_waited_for_goes_first(line):
    line.put("draw", "page 40", urgency=Priority.PATIENT)
    line.put("draw", "page 1")
    line.put("draw", "page 12", urgency=Priority.WAITED_FOR)
    assert [one[1] for one in taken(line)] == ["page 12", "page 1", "page 40"]


def test_a_session_without_a_line_orders_nothing(database_url):
    bare = Database(database_url)
    with bare.transaction() as session:
        enqueue_after_commit(session, "mail")
    bare.engine.dispose()


def test_a_line_that_does_not_answer_undoes_no_commit(db, line, monkeypatch, capfd):
    def down(*_: object) -> None:
        raise OSError

    line.waiting()
    monkeypatch.setattr(type(line._huey().storage), "enqueue", down)
    with db.transaction() as session:
        enqueue_after_commit(session, "mail")
    assert "queue_unavailable" in "".join(capfd.readouterr())


def test_a_line_that_nobody_empties_stops_growing(line, monkeypatch):
    monkeypatch.setattr(lines, "MAX_PENDING", 2)
    assert [line.put("mail") for _ in range(3)] == [True, True, False]


def test_what_is_written_in_the_line_is_never_run():
    class Trap:
        def __reduce__(self):
            return print, ("run",)

    with pytest.raises(ValueError, match=r"codec|Expecting"):
        JsonSerializer().deserialize(pickle.dumps(Trap()))


def test_an_errand_nobody_knows_is_told_and_one_that_fails_stops_nothing(capfd):
    line = TaskQueue(MemoryStorage)
    done = []
    line._doers = {"draw": done.append, "mail": lambda: 1 / 0}
    for errand in (("unknown",), ("mail",), ("draw", "a")):
        line.put(*errand)
    while (task := line._huey().dequeue()) is not None:
        line._huey().execute(task)
    assert done == ["a"]
    said = "".join(capfd.readouterr())
    assert "task_unknown" in said
    assert "task_failed" in said
