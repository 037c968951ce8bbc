"""Periodic tasks: a row holds the next run of each, and the lease of the worker that runs it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import ColumnElement, func, select, update

from portfolio.db.engine import Database, insert_if_absent
from portfolio.tasks.models import PeriodicRun
from portfolio.tasks.queue import Task


@dataclass(frozen=True)
class PeriodicTask:
    """A function that runs every few minutes, or every day at an hour (UTC).

    After `lease`, another worker runs it again: the one that had it is taken for dead.
    """

    name: str
    run: Callable[[], object]
    every: timedelta = timedelta(minutes=1)
    hour: int | None = None
    lease: timedelta = timedelta(minutes=5)

    def next_run(self, at: datetime) -> datetime:
        """Return the first moment after `at` when this task is due."""
        if self.hour is None:
            return at + self.every
        today = at.replace(hour=self.hour, minute=0, second=0, microsecond=0)
        return today if today > at else today + timedelta(days=1)


@dataclass(frozen=True)
class Schedule:
    """The periodic tasks of an installation, shared by all its workers: each run is claimed by one of them."""

    database: Database
    tasks: Sequence[PeriodicTask]
    clock: Callable[[], datetime]

    def due(self, at: ColumnElement[datetime]) -> ColumnElement[bool]:
        """Return the condition that a task is due: a task that has no row yet is."""
        names = [task.name for task in self.tasks]
        waiting = select(func.count()).where(PeriodicRun.name.in_(names), PeriodicRun.run_after > at)
        return waiting.scalar_subquery() < len(names)

    def claim(self) -> Task | None:
        """Claim the first task that is due and return how to run it; None when none is."""
        at = self.clock()
        with self.database.reader() as session:
            rows = {row.name: row.run_after for row in session.scalars(select(PeriodicRun))}
        for task in self.tasks:
            if rows.get(task.name, at) <= at and self._lease(task, at):
                return partial(self._run, task)
        return None

    def _lease(self, task: PeriodicTask, at: datetime) -> bool:
        """Return whether this worker may run the task: the row decides between several workers.

        A daily task that has no row yet waits for its hour.
        """
        first = at if task.hour is None else task.next_run(at)
        with self.database.transaction() as session:
            insert_if_absent(session, PeriodicRun, ("name",), name=task.name, run_after=first)
            row = session.get_one(PeriodicRun, task.name, with_for_update=True)
            if row.run_after > at:
                return False
            row.run_after = at + task.lease
        return True

    def _run(self, task: PeriodicTask) -> None:
        """Run a task, and set its next run even when it fails."""
        try:
            task.run()
        finally:
            with self.database.transaction() as session:
                next_run = task.next_run(self.clock())
                session.execute(update(PeriodicRun).where(PeriodicRun.name == task.name).values(run_after=next_run))
