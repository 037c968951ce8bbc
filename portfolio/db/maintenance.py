"""Find damage of the database's own files: pages that a disk changed, rows and indexes that nothing reads.

Take what was deleted out of the database, to the last byte on SQLite.

`PRAGMA secure_delete` overwrites a deleted cell where it stands, but not the copies of it that balancing the
tree left in the unused space of other pages, and the full-text index keeps the words that separate two of its
pages. The file is therefore written anew: the index by small steps, then the whole by VACUUM.
"""

from typing import Any

import pysqlite3
from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DBAPIError

from portfolio.db.engine import Database, yield_to_writers
from portfolio.db.full_text import begin_merge, continue_merge

sqlite: Any = pysqlite3.dbapi2
_TABLES = text(
    "SELECT quote_ident(n.nspname) || '.' || quote_ident(c.relname) FROM pg_class c "
    "JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE c.relkind = 'r' AND n.nspname = current_schema() "
    "AND has_table_privilege(c.oid, 'select') ORDER BY 1"
)
# Only a superuser installs amcheck and lends it; without it the tables are read and their indexes are not.
_HAS_AMCHECK = text(
    "SELECT EXISTS (SELECT FROM pg_proc WHERE proname = 'bt_index_check' AND pronargs = 2 "
    "AND has_function_privilege(oid, 'execute'))"
)
_INDEXES = text(
    "SELECT bt_index_check(c.oid, false) FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid "
    "JOIN pg_am a ON a.oid = c.relam JOIN pg_namespace n ON n.oid = c.relnamespace "
    "WHERE a.amname = 'btree' AND i.indisvalid AND n.nspname = current_schema()"
)
_INTERNAL = "XX"  # the class of PostgreSQL's errors on data that it cannot read


def find_damage(address: str, *, whole: bool = False) -> str:
    """Return what the database says of its first damage, empty when it finds none.

    SQLite looks at every page, and with `whole` at each row in each index as well. PostgreSQL reads every row of every
    table, and looks at the indexes where amcheck is installed. Raise what a database that does not answer raises.
    """
    url = make_url(address)
    return _of_sqlite(url, whole=whole) if url.get_backend_name() == "sqlite" else _of_postgresql(url)


def _of_sqlite(url: URL, *, whole: bool) -> str:
    connection = sqlite.connect(url.database or "", isolation_level=None)
    try:
        connection.execute("PRAGMA busy_timeout=15000")
        pragma = "integrity_check" if whole else "quick_check"
        (found,) = connection.execute(f"PRAGMA {pragma}(1)").fetchone()
    except sqlite.OperationalError as error:
        if "disk I/O error" not in str(error):
            raise
        return str(error)
    except sqlite.DatabaseError as error:
        return str(error)
    finally:
        connection.close()
    return "" if found == "ok" else str(found)


def _of_postgresql(url: URL) -> str:
    # An engine of its own: the application's gives up a statement after some seconds.
    engine = create_engine(url.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            _read_everything(connection)
    except DBAPIError as error:
        if not str(getattr(error.orig, "sqlstate", "")).startswith(_INTERNAL):
            raise
        return str(error.orig).strip()
    finally:
        engine.dispose()
    return ""


def _read_everything(connection: Connection) -> None:
    for table in connection.scalars(_TABLES).all():
        connection.execute(text(f"SELECT sum(length(held::text)) FROM {table} held"))  # noqa: S608 - a name quoted by the server
    if connection.scalar(_HAS_AMCHECK):
        connection.execute(_INDEXES)


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
