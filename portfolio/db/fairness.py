"""Room for other writers between the transactions of a long act."""

from __future__ import annotations

import time

from portfolio.db.engine import Database

# SQLite keeps no queue: a writer that waits looks again every tenth of a second. An act that takes the lock
# back at once keeps everybody else out until their patience ends, "database is locked".
_SQLITE_SECONDS = 0.12


def yield_to_writers(database: Database) -> None:
    """Wait after a transaction until every writer that waits had its chance; PostgreSQL has a queue and needs
    no wait.
    """
    if database.engine.dialect.name == "sqlite":
        time.sleep(_SQLITE_SECONDS)
