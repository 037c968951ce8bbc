"""Someone who owns the database: takes the guards away, then changes what they please, as SQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Enum, Table, inspect, select, text, update
from sqlalchemy.orm import Session

from portfolio.append_only import drop_statements
from portfolio.certificate.rules.ledger import Kind
from portfolio.certificate.services.ledger.reading import columns_of
from portfolio.db import Database
from portfolio.registry import metadata


@contextmanager
def insider(db: Database) -> Iterator[Session]:
    """A session without guards, checks or foreign keys, taken back at the end."""
    with Session(db.engine.execution_options(writes=True)) as session:
        dialect = session.get_bind().dialect.name
        for statement in drop_statements(dialect):
            session.execute(text(statement))
        if dialect == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
            session.execute(text("PRAGMA ignore_check_constraints=ON"))
        else:
            session.execute(text("SET session_replication_role = replica"))
            _drop_checks(session)
        try:
            yield session
        finally:
            session.rollback()
            if dialect == "sqlite":
                session.execute(text("PRAGMA ignore_check_constraints=OFF"))


def _drop_checks(session: Session) -> None:
    seen = inspect(session.connection())
    for table in ("minutes", "block_decision", "competency_finding", "block_grant", "certificate"):
        for check in seen.get_check_constraints(table):
            session.execute(text(f'ALTER TABLE {table} DROP CONSTRAINT "{check["name"]}"'))


def table(name: str) -> Table:
    """A table by its name."""
    return metadata.tables[name]


def keys_of(session: Session, name: str) -> list[Any]:
    """The primary keys of a table's rows, in the order in which the ledger knows them."""
    if "id" not in table(name).c:
        return list(session.scalars(select(table(name).c.seq).order_by(table(name).c.seq)))
    entry = metadata.tables["ledger_entry"]
    query = select(entry.c.row_id).where(entry.c.act == name).order_by(entry.c.seq)
    return list(session.scalars(query))


def key(name: str) -> Column[Any]:
    """What names a row of a table."""
    return table(name).c["id"] if "id" in table(name).c else table(name).c["seq"]


def value_of(session: Session, name: str, row: Any, column: str) -> Any:
    """What a column holds."""
    return session.scalar(select(table(name).c[column]).where(key(name) == row))


def put(session: Session, name: str, row: Any, **values: Any) -> None:
    """Change columns of one row."""
    changed = session.execute(update(table(name)).where(key(name) == row).values(**values))
    assert changed.rowcount == 1


def alter(session: Session, name: str, row: Any, column: str) -> None:
    """Give a column another value that it can hold."""
    kind = dict(columns_of(table(name)))[column]
    put(session, name, row, **{column: other(table(name).c[column], kind, value_of(session, name, row, column))})


def other(column: Column[Any], kind: Kind, value: Any) -> Any:
    """Another value of the kind."""
    if isinstance(column.type, Enum):
        return next(one for one in column.type.enum_class if one != value)
    if kind is Kind.IDENTITY:
        return uuid4()
    changes = {
        Kind.DAY: lambda: value + timedelta(days=1),
        Kind.MOMENT: lambda: value + timedelta(microseconds=1),
        Kind.STRUCTURE: lambda: {**value, "changed": True},
        Kind.NUMBER: lambda: value + 5000,
        Kind.CODE: lambda: ("A" if value[0] != "A" else "B") + value[1:],
        Kind.TEXT: lambda: f"{value}.",
        Kind.BYTES: lambda: bytes([value[0] ^ 1]) + value[1:],
    }
    return changes[kind]()
