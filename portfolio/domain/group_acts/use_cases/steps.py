"""Carry out what waits, one step a transaction, for a bounded time, with room for other writers between two
steps.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from sqlalchemy.exc import DBAPIError

from portfolio.db.engine import Database
from portfolio.db.fairness import yield_to_writers

# One step at a time in a process: threads that take turns would keep other writers out too.
_turn = threading.Lock()


def repeat(database: Database, step: Callable[[], bool], *, seconds: float) -> None:
    """Repeat a step until nothing waits, for some seconds at most; the worker goes on, also where the store
    stops.
    """
    until = time.monotonic() + seconds
    with suppress(DBAPIError):
        while time.monotonic() < until and _run(database, step):
            pass


def claim_step(database: Database, step: Callable[[], bool]) -> Callable[[], bool] | None:
    """Return how to run a step; None while another thread runs one."""
    return None if _turn.locked() else partial(_run, database, step)


def _run(database: Database, step: Callable[[], bool]) -> bool:
    with _turn:
        is_more = step()
        if is_more:
            yield_to_writers(database)
    return is_more
