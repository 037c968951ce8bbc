"""Take what was deleted out of the file of the database, to the last byte.

`PRAGMA secure_delete` overwrites a deleted cell where it stands, but not the copies of it that balancing the
tree left in the unused space of other pages, and the full-text index keeps the words that separate two of its
pages. The file is therefore written anew: the index by small steps, then the whole by VACUUM.
"""

from __future__ import annotations

from portfolio.db.engine import Database
from portfolio.db.fairness import yield_to_writers
from portfolio.db.full_text import begin_merge, continue_merge


def compact(database: Database) -> None:
    """Write a SQLite database anew without what was deleted, and empty its log of writes; nothing inside a
    transaction.

    Reading goes on meanwhile; VACUUM keeps writers waiting (about ten seconds a gigabyte) and needs as much
    free disk as the database takes: raise OperationalError when it is not there, or when the lock does not
    come. PostgreSQL removes deleted rows by itself (autovacuum), and a dump never holds them.
    """
    if database.engine.dialect.name != "sqlite":
        return
    connection = database.engine.raw_connection()
    try:
        begin_merge(connection)
        while continue_merge(connection):
            yield_to_writers(database)
        connection.cursor().execute("VACUUM").close()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
    finally:
        connection.close()
