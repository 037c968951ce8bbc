"""A store as revision 0097 left it, made by the code of that revision: two judged dossiers, their certificates and
letters, a signed ledger with an erasure and facts recorded again, and a row in nearly every other table.
"""

import gzip
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from sqlalchemy import (
    JSON,
    Boolean,
    Connection,
    Date,
    DateTime,
    LargeBinary,
    MetaData,
    Table,
    Uuid,
    create_engine,
    insert,
    text,
)

from portfolio.backup.migration import settings_for

STORE = Path(__file__).with_name("store_0097.json.gz")
REVISION = "0097"
Rows = dict[str, list[list[Any]]]


def load_store() -> dict[str, dict[str, Any]]:
    """Return the columns and the rows of each table."""
    found: dict[str, dict[str, Any]] = json.loads(gzip.decompress(STORE.read_bytes()))
    return found


def begin(url: str) -> None:
    """Give an empty database the tables of that revision and all their rows."""
    command.upgrade(settings_for(url), REVISION)
    store = load_store()
    engine = create_engine(url)
    tables = MetaData()
    with engine.connect() as connection:
        tables.reflect(connection)
        connection.rollback()
        is_sqlite = connection.dialect.name == "sqlite"
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF" if is_sqlite else "SET session_replication_role = replica")
        # A published version takes no more rows: it comes last.
        for name in sorted(store, key=lambda name: name == "certification_version"):
            if name != "alembic_version":
                _insert(connection, tables.tables[name], store[name])
        connection.commit()
    engine.dispose()


def _insert(connection: Connection, table: Table, kept: dict[str, Any]) -> None:
    columns = [table.c[name] for name in kept["columns"]]
    rows = [
        {column.name: _value(column.type, value) for column, value in zip(columns, row, strict=True)}
        for row in kept["rows"]
    ]
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        names = ", ".join(f'"{column.name}"' for column in columns)
        marks = ", ".join("?" for _ in columns)
        connection.exec_driver_sql(
            f'INSERT INTO "{table.name}" ({names}) VALUES ({marks})',
            [tuple(_raw(value) for value in row) for row in kept["rows"]],
        )
        return
    connection.execute(insert(table), rows)


def _raw(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


def _value(kind: Any, value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, LargeBinary):
        return _raw(value)
    if isinstance(kind, Uuid):
        return UUID(value)
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC)
    if isinstance(kind, Date):
        return date.fromisoformat(value)
    return json.loads(value) if isinstance(kind, JSON) else value


def rows_of(connection: Connection, table: str, columns: list[str]) -> list[str]:
    """Return the rows of a table as text, in no order of the store's."""
    names = ", ".join(f'"{name}"' for name in columns)
    return sorted(str(tuple(row)) for row in connection.execute(text(f'SELECT {names} FROM "{table}"')))
