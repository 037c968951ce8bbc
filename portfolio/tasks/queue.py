"""The line of errands: Huey over SQLite in the data folder, or over PostgreSQL when the database is there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import psycopg
import structlog
from huey.api import Huey
from huey.constants import EmptyData
from huey.storage import PostgresStorage, SqliteStorage
from sqlalchemy.engine import URL, make_url

from config import Config
from portfolio.tasks.enqueue import Priority
from portfolio.tasks.serializer import JsonSerializer

log = structlog.get_logger("acquis")

NAME = "acquis"
# Of PostgreSQL: the tables of the line stand apart from those of the application.
SCHEMA = "acquis_queue"
# The rows remember; a line that nobody empties stops growing.
MAX_PENDING = 10_000
_SECONDS_TO_CONNECT = 3
_SECONDS_TO_LEAVE = 20
# Under which name the last word of a worker is kept.
_BEAT = "beat"

TaskHandler = Callable[..., object]


@dataclass(frozen=True)
class PeriodicTask:
    """Something done again and again: its name, and whether it is due at this minute (UTC)."""

    name: str
    due: Callable[[datetime], bool]
    act: Callable[[], object]


class TaskQueue:
    """A line that any process puts errands in, and that workers take them from, the most urgent first."""

    def __init__(self, store: type, **settings: Any) -> None:
        """Use this store of Huey's; nothing is asked of it before the first errand."""
        self._store, self._settings = store, settings
        self._making = threading.Lock()
        self._made: Huey | None = None
        self._doers: Mapping[str, TaskHandler] = {}

    def put(self, name: str, *arguments: str, urgency: Priority = Priority.SOON) -> bool:
        """Put an errand in the line and answer whether it is there; a line full or silent is only told in the log."""
        try:
            line = self._huey()
            if line.pending_count() >= MAX_PENDING:
                log.warning("queue_full", task=name)
                return False
            line.enqueue(self._errand.s(name, *arguments, priority=int(urgency)))
        except Exception as error:  # whatever its store raises: what is not in the line is found by the sweep
            log.warning("queue_unavailable", task=name, kind=type(error).__name__)
            return False
        return True

    def waiting(self) -> int:
        """Answer how many errands wait; raises what the store of the line raises."""
        return int(self._huey().pending_count())

    def beat(self, at: datetime) -> None:
        """Write down that a worker is there at this moment; a line that is silent is only told in the log."""
        try:
            self._huey().storage.put_data(_BEAT, at.isoformat().encode())
        except Exception as error:
            log.warning("queue_unavailable", task="beat", kind=type(error).__name__)

    def last_beat(self) -> datetime | None:
        """Answer when a worker was last there; None when there never was one, or when the line is silent."""
        try:
            kept = self._huey().storage.peek_data(_BEAT)
            return None if kept is EmptyData else datetime.fromisoformat(bytes(kept).decode())
        except Exception as error:  # whatever its store raises: nobody can tell
            log.warning("queue_unavailable", task="last_beat", kind=type(error).__name__)
            return None

    def work(self, doers: Mapping[str, TaskHandler], rounds: Sequence[PeriodicTask], at_once: int) -> None:
        """Do errands, so many at once, and make rounds, until SIGTERM or Ctrl-C; what is begun is ended first, within reason.

        An errand that fails is told in the log: its row says when it is tried again.
        """
        self._doers = doers
        line = self._huey()
        for one in rounds:
            line.periodic_task(one.due, name=one.name)(_logged(one.name, one.act))
        consumer = line.create_consumer(
            workers=at_once,
            initial_delay=0.05,
            max_delay=0.5,
            graceful_signal="TERM",
            shutdown_timeout=_SECONDS_TO_LEAVE,
            health_check_interval=0.5,  # it looks at signals when it looks at its workers: ten seconds later, by default
        )
        consumer.run()

    def close(self) -> None:
        """Leave the store of the line, if it was ever asked anything."""
        if self._made is not None:
            self._made.storage.close()

    def _huey(self) -> Huey:
        with self._making:
            if self._made is None:
                serializer: Any = JsonSerializer
                made = Huey(NAME, storage_class=self._store, results=False, serializer=serializer(), **self._settings)
                self._errand = made.task(name="task")(self._do)
                self._made = made
        return self._made

    def _do(self, name: str, *arguments: str) -> None:
        doer = self._doers.get(name)
        if doer is None:
            log.warning("task_unknown", task=name)
            return
        _logged(name, doer)(*arguments)


def create_queue(config: Config) -> TaskQueue:
    """Answer the line of this installation: beside its rows on PostgreSQL, else a file of its own in the data folder."""
    url = make_url(config.database_url)
    if url.get_backend_name() == "postgresql":
        return TaskQueue(PostgresStorage, connection=partial(connect, url), create_tables=False)
    # Only hints: nothing is lost with them, so that nobody waits for the disk. The library is Python's own SQLite.
    return TaskQueue(SqliteStorage, filename=str(config.data / "queue.db"), journal_mode="truncate", fsync=False)


def connect(url: URL) -> Any:
    """Open a connection to PostgreSQL that sees the tables of the line."""
    return psycopg.connect(
        url.set(drivername="postgresql").render_as_string(hide_password=False),
        connect_timeout=_SECONDS_TO_CONNECT,
        options=f"-c search_path={SCHEMA} -c statement_timeout=5000",
    )


def create_tables(owner: URL) -> None:
    """Make the tables of the line on PostgreSQL, with the owner's rights; those that are there are left."""
    with connect(owner) as connection:
        connection.execute(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
    PostgresStorage(NAME, connection=partial(connect, owner), create_tables=True).close()


def _logged(name: str, act: TaskHandler) -> TaskHandler:
    def doing(*arguments: str) -> None:
        try:
            act(*arguments)
        except Exception:
            log.exception("task_failed", task=name)

    return doing
