"""Run migrations: foreign keys off on SQLite, outside the transaction; a copy first; as many rows after as before."""

from __future__ import annotations

from pathlib import Path

from alembic import context
from sqlalchemy import Connection, func, inspect, select, table

from portfolio.db import make_engine
from portfolio.registry import metadata


def run() -> None:
    """Apply the migrations to the database named by the caller."""
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.execution_options(writes=True).connect() as connection:
            if connection.dialect.name == "sqlite":
                _migrate_sqlite(connection)
            else:
                _migrate(connection)
    finally:
        engine.dispose()


def _migrate(connection: Connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, transactional_ddl=True)
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()


def _migrate_sqlite(connection: Connection) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    _copy_first(raw)
    # A table rebuilt with foreign keys on silently empties the tables that cascade from it.
    raw.execute("PRAGMA foreign_keys=OFF")
    before = _counts(connection)
    connection.rollback()
    _migrate(connection)
    broken = raw.execute("PRAGMA foreign_key_check").fetchall()
    lost = {name: n for name, n in before.items() if _counts(connection).get(name, n) < n}
    connection.rollback()
    raw.execute("PRAGMA foreign_keys=ON")
    if broken or lost:
        raise RuntimeError(f"the migration lost rows: put the copy back. Broken: {broken[:5]}, fewer rows: {lost}")


def _counts(connection: Connection) -> dict[str, int]:
    names = inspect(connection).get_table_names()
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _copy_first(raw: object) -> None:
    """Keep a copy beside the database, unless it is new or lives in memory."""
    path = raw.execute("PRAGMA database_list").fetchone()[2]  # type: ignore[attr-defined]
    if not path or Path(path).stat().st_size == 0:
        return
    copy = Path(path).with_suffix(".before-migration")
    copy.unlink(missing_ok=True)
    raw.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[attr-defined]


run()
