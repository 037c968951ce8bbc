"""Run migrations: foreign keys off on SQLite, outside the transaction; a copy first; as many rows after as
before.
"""

from __future__ import annotations

import os
from pathlib import Path

from alembic import context
from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, inspect, select, table

from portfolio.all_models import metadata
from portfolio.backup.migration import copy_path
from portfolio.db.concurrent_index import LOCK_SECONDS
from portfolio.db.engine import make_engine


def run() -> None:
    """Apply the migrations to the database named by the caller."""
    engine = make_engine(context.config.attributes["url"])
    try:
        with engine.execution_options(writes=True).connect() as connection:
            if connection.dialect.name == "sqlite":
                _migrate_sqlite(connection)
            else:
                _migrate_postgresql(connection)
    finally:
        engine.dispose()


def _migrate_postgresql(connection: Connection) -> None:
    """Commit each step, so that none keeps its locks for the next, and wait little for a lock: who reads waits behind
    us. `upgrade` goes on from there.
    """
    connection.exec_driver_sql("SET statement_timeout = 0")
    connection.exec_driver_sql(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    connection.commit()
    _migrate(connection, by_steps=True)


def _migrate(connection: Connection, *, by_steps: bool = False) -> None:
    context.configure(
        connection=connection, target_metadata=metadata, transactional_ddl=True, transaction_per_migration=by_steps
    )
    with context.begin_transaction():
        context.run_migrations()
    if connection.in_transaction():
        connection.commit()


def _migrate_sqlite(connection: Connection) -> None:
    current = MigrationContext.configure(connection).get_current_revision()
    connection.rollback()
    if current == context.get_head_revision():
        return  # as at most starts: counting the rows of a large database takes half a minute
    if current is not None:
        _copy(connection, current)
    raw = connection.connection.driver_connection
    assert raw is not None
    # A table rebuilt with foreign keys on silently empties the tables that cascade from it.
    raw.execute("PRAGMA foreign_keys=OFF")
    before = _counts(connection)
    connection.rollback()
    _migrate(connection)
    broken = raw.execute("PRAGMA foreign_key_check").fetchall()
    after = _counts(connection)
    emptied = _emptied_since(current)
    lost = {name: rows for name, rows in before.items() if after.get(name, rows) < rows and name not in emptied}
    connection.rollback()
    raw.execute("PRAGMA foreign_keys=ON")
    if broken or lost:
        raise RuntimeError(f"the migration lost rows: put the copy back. Broken: {broken[:5]}, fewer rows: {lost}")


def _emptied_since(current: str | None) -> set[str]:
    """Return the tables of which a migration to come says that it takes rows away (`REMOVES_ROWS_OF`)."""
    steps = context.script.iterate_revisions("head", current or "base")
    return {name for step in steps for name in getattr(step.module, "REMOVES_ROWS_OF", ())}


def _counts(connection: Connection) -> dict[str, int]:
    names = inspect(connection).get_table_names()
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _copy(connection: Connection, current: str) -> None:
    """Keep a copy beside the database, unless it lives in memory."""
    raw = connection.connection.driver_connection
    path = raw.execute("PRAGMA database_list").fetchone()[2]  # type: ignore[union-attr]
    if not path:
        return
    copy = copy_path(Path(path), current)
    copy.unlink(missing_ok=True)
    os.close(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # only its owner reads it, from its first byte
    raw.execute("VACUUM INTO ?", (str(copy),))  # type: ignore[union-attr]
    context.config.attributes["copy"] = copy


run()
