"""Take what was deleted out of the database, to the last byte on SQLite.

`PRAGMA secure_delete` overwrites a deleted cell where it stands, but not the copies of it that balancing the
tree left in the unused space of other pages, and the full-text index keeps the words that separate two of its
pages. The file is therefore written anew: the index by small steps, then the whole by VACUUM.
"""

from __future__ import annotations

from portfolio.db.engine import Database
from portfolio.db.fairness import yield_to_writers
from portfolio.db.full_text import begin_merge, continue_merge


def compact(database: Database) -> None:
    """Remove what a database keeps of deleted rows: write a SQLite database anew and empty its log of writes,
    have PostgreSQL free their space and renew its statistics; nothing inside a transaction.

    Reading goes on meanwhile. Raise OperationalError when a lock does not come. On SQLite, VACUUM keeps
    writers waiting (about ten seconds a gigabyte) and needs as much free disk as the database takes: raise
    OperationalError when it is not there.
    """
    if database.engine.dialect.name == "sqlite":
        _rewrite(database)
    else:
        _vacuum(database)


def _rewrite(database: Database) -> None:
    connection = database.engine.raw_connection()
    try:
        begin_merge(connection)
        while continue_merge(connection):
            yield_to_writers(database)
        connection.cursor().execute("VACUUM").close()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()


def _vacuum(database: Database) -> None:
    """Take deleted rows away, and their values out of the statistics, which keep the most common values and
    a sample of each column; autovacuum would wait until a tenth of a table has changed.

    PostgreSQL passes over a table that this role may not maintain, with a warning: before release 17, that is
    every table when the application is not the owner.
    """
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # it is closed afterwards, with its timeout
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("VACUUM (ANALYZE)")
