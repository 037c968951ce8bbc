"""Random lives and deliberations played on SQLite and PostgreSQL: the rows stored are those of the second reading."""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest

from portfolio.db.engine import Database
from portfolio.on_commit import open_database
from tests.second_reading.sittings import PlayedHearing
from tests.second_reading.stored import Life
from tests.thoroughness import EXHAUSTIVE

LIVES, SITTINGS, ACTS = (400, 300, 12) if EXHAUSTIVE else (15, 15, 9)


@contextmanager
def sqlite(template: Path) -> Iterator[Database]:
    """Return a SQLite database of its own."""
    with TemporaryDirectory() as folder:
        shutil.copy(template, Path(folder) / "acquis.db")
        db = open_database(f"sqlite:///{folder}/acquis.db")
        yield db
        db.engine.dispose()


@pytest.mark.slow
def test_the_rows_of_a_life_are_those_of_the_second_reading(sqlite_template: Path) -> None:
    for seed in range(LIVES):
        with sqlite(sqlite_template) as db:
            live(db, seed)


@pytest.mark.slow
def test_the_decisions_of_a_sitting_are_those_of_the_second_reading(sqlite_template: Path) -> None:
    ended: Counter[str] = Counter()
    for seed in range(SITTINGS):
        with sqlite(sqlite_template) as db:
            ended[sit(db, seed)] += 1
    assert len(ended) == 4, ended


def test_the_same_life_on_each_database(db: Database) -> None:
    live(db, 1000)


def test_the_same_sitting_on_each_database(db: Database) -> None:
    sit(db, 1000)


def live(db: Database, seed: int) -> None:
    """Live some acts, and compare after each three."""
    life = Life(db, Random(seed))
    for rank in range(ACTS):
        life.live()
        if rank % 3 == 2:
            life.check()


def sit(db: Database, seed: int) -> str:
    """Draft and vote some times, then close."""
    played = PlayedHearing(db, Random(seed))
    for _ in range(played.random.randrange(8)):
        played.live()
    return played.check()
