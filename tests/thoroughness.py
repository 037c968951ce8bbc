"""Choose the tests of a run: `--speed quick` is `make test`, `rest` what is left, `all` both together.

A test marked `slow` is of the rest. A test of each database is tried on SQLite, and on PostgreSQL too in the rest, one
of two in turn within its file; marked `both`, since SQL, a lock or a guard of the database is what it proves, it is
tried on each at every speed. `TESTS=exhaustive` tries every case of the long lists as well.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import cycle, product
from typing import Any, TypeVar

import pytest

Case = TypeVar("Case")
SPEEDS = ("quick", "rest", "all")
EXHAUSTIVE = os.environ.get("TESTS") == "exhaustive"
# How long a state machine goes on with new histories on each database: `NIGHT_MINUTES=480` for a night of it.
NIGHT_MINUTES = float(os.environ.get("NIGHT_MINUTES", "0"))
DATABASES = ("sqlite", "postgresql")
# The databases of a long path that short tests run on each of them already.
DATABASES_OF_LONG_PATHS = DATABASES if EXHAUSTIVE else ("postgresql",)


def in_turn(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """Give each case the name of a database, SQLite and PostgreSQL in turn; both of them when all is tried."""
    return list(product(cases, DATABASES)) if EXHAUSTIVE else list(zip(cases, cycle(DATABASES), strict=False))


def one_in(step: int, cases: Iterable[Any]) -> list[Any]:
    """Return like cases, such as the columns of a table: `make test` tries one of `step`, the rest tries the others."""
    return [
        case
        if not rank % step
        else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for rank, case in enumerate(cases)
    ]


def chosen(items: Sequence[pytest.Item], speed: str) -> set[pytest.Item]:
    """Return the tests of a speed."""
    repeated, spared = _of_another_database(items)
    rest = {item for item in items if item in repeated or item.get_closest_marker("slow")}
    return {item for item in items if item not in spared and (speed == "all" or (item in rest) == (speed == "rest"))}


def _of_another_database(items: Sequence[pytest.Item]) -> tuple[set[pytest.Item], set[pytest.Item]]:
    """Return the tests that repeat another one on a second database, and those to leave out at every speed."""
    pairs: defaultdict[str, defaultdict[str, dict[str, pytest.Item]]] = defaultdict(lambda: defaultdict(dict))
    for item in items:
        path, _, name = item.nodeid.partition("::")
        params = getattr(item, "callspec", None)
        database = params and params.params.get("database_url")
        if database in DATABASES and not item.get_closest_marker("both"):
            pairs[path][name.replace(database, "")][database] = item
    repeated, spared = set(), set()
    for path, tests in pairs.items():
        turns = cycle(DATABASES if len(path) % 2 else DATABASES[::-1])
        for pair, turn in zip((pair for pair in tests.values() if len(pair) == len(DATABASES)), turns, strict=False):
            slow = pair["sqlite"].get_closest_marker("slow")
            repeated.add(pair["postgresql"])
            if not EXHAUSTIVE and turn == "sqlite":
                spared.add(pair["postgresql"])
            elif not EXHAUSTIVE and slow:
                spared.add(pair["sqlite"])
    return repeated, spared
