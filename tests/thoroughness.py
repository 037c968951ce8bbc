"""How much a run of the tests tries: what proves each thing once, or everything, with `TESTS=all`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import cycle, product
from typing import TypeVar

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
