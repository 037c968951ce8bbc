"""Periodic tasks: each run is claimed by one worker, is run again after a crash, and is not missed when no
worker ran.
"""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from portfolio.tasks.models import PeriodicRun
from portfolio.tasks.periodic import PeriodicTask, Schedule

pytestmark = pytest.mark.both

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


class Clock:
    """The moment, moved by hand."""

    at = NOON

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def runs() -> list[str]:
    return []


@pytest.fixture
def schedule(db, clock, runs) -> Schedule:
    tasks = (
        PeriodicTask("digests", lambda: runs.append("digests")),
        PeriodicTask("sweep", lambda: runs.append("sweep"), hour=2),
    )
    return Schedule(db, tasks, clock)


def run_all(schedule: Schedule) -> None:
    while (task := schedule.claim()) is not None:
        task()


def test_a_task_of_every_minute_runs_at_once_then_every_minute(schedule, clock, runs):
    for _ in range(3):
        run_all(schedule)
        run_all(schedule)
        clock.at += MINUTE
    assert runs == ["digests"] * 3


def test_a_task_of_the_night_waits_for_its_hour_and_runs_once(schedule, clock, runs):
    run_all(schedule)
    clock.at = NOON.replace(hour=1, minute=59, second=59) + timedelta(days=1)
    run_all(schedule)
    assert "sweep" not in runs
    for _ in range(3):
        clock.at += MINUTE
        run_all(schedule)
    assert runs.count("sweep") == 1


def test_a_night_without_a_worker_is_made_up_for_when_one_starts(schedule, clock, runs):
    run_all(schedule)
    clock.at += timedelta(days=3)
    run_all(schedule)
    assert runs.count("sweep") == 1


def test_of_several_workers_one_runs_the_task(schedule):
    with ThreadPoolExecutor(8) as pool:
        claimed = [task for task in pool.map(lambda _: schedule.claim(), range(8)) if task is not None]
    assert len(claimed) == 1


def test_a_task_whose_worker_died_is_run_again_after_its_lease(schedule, clock, runs):
    assert schedule.claim() is not None, "its worker dies here"
    clock.at += MINUTE
    assert schedule.claim() is None
    clock.at += schedule.tasks[0].lease
    run_all(schedule)
    assert runs[0] == "digests"


def test_a_task_that_fails_has_its_next_run(db, clock):
    schedule = Schedule(db, [PeriodicTask("digests", lambda: 1 / 0)], clock)
    with pytest.raises(ZeroDivisionError):
        schedule.claim()()
    assert schedule.claim() is None
    with db.reader() as session:
        assert session.get_one(PeriodicRun, "digests").run_after == NOON + MINUTE
