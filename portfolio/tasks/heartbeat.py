"""Worker heartbeat: each worker records every few seconds that it is alive, and any process can read when that was."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import ScalarSelect, select, update
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portfolio.db.engine import Database, insert_if_absent
from portfolio.tasks.models import Heartbeat

HEARTBEAT_SECONDS = 10.0
# A start takes a few seconds: a worker is stopped when it has been silent for longer than this.
STOPPED_AFTER = timedelta(seconds=60)
WORKER = "worker"
log = structlog.get_logger("acquis")


@dataclass(frozen=True, slots=True)
class WorkerStatus:
    """The moment of the last heartbeat of any worker; None when there never was one."""

    last: datetime | None

    def is_working(self, at: datetime) -> bool:
        """Return whether a worker is alive at this moment."""
        return self.last is not None and at - self.last < STOPPED_AFTER

    def is_stalled(self, since: datetime, at: datetime) -> bool:
        """Return whether a task pending since this moment waits because no worker runs, not because of its turn."""
        return not self.is_working(at) and at - since >= STOPPED_AFTER


def last_heartbeat() -> ScalarSelect[datetime]:
    """Return when a worker was last alive, as a column."""
    return select(Heartbeat.seen_at).where(Heartbeat.name == WORKER).scalar_subquery()


def worker_status(session: Session) -> WorkerStatus:
    """Return when a worker was last alive."""
    return WorkerStatus(session.scalar(select(last_heartbeat())))


def record_heartbeat(session: Session, *, at: datetime) -> None:
    """Record that a worker is alive."""
    if not insert_if_absent(session, Heartbeat, ("name",), name=WORKER, seen_at=at):
        session.execute(update(Heartbeat).where(Heartbeat.name == WORKER).values(seen_at=at))


def send_heartbeats(database: Database, clock: Callable[[], datetime], stopping: threading.Event) -> None:
    """Record a heartbeat every few seconds until `stopping` is set; a database that is away is logged."""
    while True:
        try:
            with database.transaction() as session:
                record_heartbeat(session, at=clock())
        except SQLAlchemyError as error:
            log.warning("heartbeat_not_recorded", kind=type(error).__name__)
        if stopping.wait(HEARTBEAT_SECONDS):
            return
