"""How much a run of the tests tries: what proves each thing once, or everything, with `TESTS=all`."""

import os
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import cycle, product
from typing import TypeVar

import pytest

Case = TypeVar("Case")
ALL = os.environ.get("TESTS") == "all"
# How long a state machine goes on with new histories on each database: `NIGHT_MINUTES=480` for a night of it.
NIGHT_MINUTES = float(os.environ.get("NIGHT_MINUTES", "0"))
DATABASES = ("sqlite", "postgresql")
# The databases of a long path that short tests run on each of them already.
DATABASES_OF_LONG_PATHS = DATABASES if ALL else ("postgresql",)


def in_turn(cases: Sequence[Case]) -> list[tuple[Case, str]]:
    """Give each case the name of a database, SQLite and PostgreSQL in turn; both of them with `TESTS=all`."""
    return list(product(cases, DATABASES)) if ALL else list(zip(cases, cycle(DATABASES), strict=False))


# Where SQL itself is what is proved: the contract of both stores, their locks, guards, queues and indexes.
_ON_EACH = re.compile(
    r"tests/(backup|candidacy_listing|cli|faults|integrity|migrations|search|tasks)/"
    r"|ledger|append_only|two_roles|simultaneous|locks|throttle|outbox|every_fact|recompute|migrations|read_together"
)
# A test that names one of these starts several threads, or awaits a refusal of the database.
_OF_SQL = {"Thread", "ThreadPoolExecutor", "Barrier", "starmap", "DBAPIError", "IntegrityError", "with_for_update"}


def repeated(items: Sequence[pytest.Item]) -> set[pytest.Item]:
    """Return the tests to leave out: a test of each database is kept for one of them, in turn within its file, unless
    SQL itself is what it proves.
    """
    if ALL:
        return set()
    both: defaultdict[str, defaultdict[str, dict[str, pytest.Item]]] = defaultdict(lambda: defaultdict(dict))
    for item in items:
        path, _, name = item.nodeid.partition("::")
        params = getattr(item, "callspec", None)
        database = params and params.params.get("database_url")
        used = getattr(item, "function", repeated).__code__.co_names
        if database in DATABASES and not _ON_EACH.search(path) and _OF_SQL.isdisjoint(used):
            both[path][name.replace(database, "")][database] = item
    return {
        tests[database]
        for path, of_file in both.items()
        for tests, database in zip(
            (tests for tests in of_file.values() if len(tests) == len(DATABASES)),
            cycle(DATABASES if len(path) % 2 else DATABASES[::-1]),
            strict=False,
        )
    }
