"""Someone who owns the database: takes the guards away, then changes what they please, as SQL."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Column, Enum, Table, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.engine import Database
from portfolio.domain.ledger.raw_rows import columns_of
from portfolio.domain.ledger.recording import SIGNER, append_named
from portfolio.domain.ledger.rules.acts import act_of
from portfolio.domain.ledger.rules.encoding import Kind
from tests.guards import drop_statements
from tests.holdings.ledger_builders import SIGNED_BY


@contextmanager
def insider(db: Database) -> Iterator[Session]:
    """A session without guards, checks or foreign keys, taken back at the end."""
    with Session(db.engine.execution_options(writes=True), info={SIGNER: SIGNED_BY}) as session:
        dialect = session.get_bind().dialect.name
        for statement in drop_statements(dialect):
            session.execute(text(statement))
        if dialect == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
            session.execute(text("PRAGMA ignore_check_constraints=ON"))
        else:
            session.execute(text("SET session_replication_role = replica"))
            session.execute(text(_DROP_CHECKS))
        try:
            yield session
        finally:
            session.rollback()
            if dialect == "sqlite":
                session.execute(text("PRAGMA ignore_check_constraints=OFF"))


@contextmanager
def insider_for_good(db: Database, name: str) -> Iterator[Session]:
    """A session that changes rows of one table in a SQLite store behind its guards, and keeps what it did."""
    with Session(db.engine.execution_options(writes=True)) as session, session.begin():
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")
        guards = session.execute(query, {"name": name}).all()
        for guard, _sql in guards:
            session.execute(text(f"DROP TRIGGER {guard}"))
        yield session
        for _guard, sql in guards:
            session.execute(text(sql))


_DROP_CHECKS = """
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT conrelid::regclass AS owner, conname FROM pg_constraint
      WHERE contype = 'c' AND connamespace = 'public'::regnamespace AND conrelid <> 0 LOOP
    EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', one.owner, one.conname);
  END LOOP;
END $$
"""


def table(name: str) -> Table:
    """A table by its name."""
    return metadata.tables[name]


def keys_of(session: Session, name: str) -> list[Any]:
    """Return the primary keys of a table's rows, in the order in which the ledger knows them."""
    if "id" not in table(name).c:
        return list(session.scalars(select(table(name).c.seq).order_by(table(name).c.seq)))
    entry = metadata.tables["ledger_entry"]
    query = select(entry.c.row_id).where(entry.c.record_type == act_of(name, 1)).order_by(entry.c.seq)
    return list(session.scalars(query))


def make_up(name: str) -> dict[str, Any]:
    """A row that a table may hold, whatever it is about; it refers to nothing that exists."""
    return {one.name: _made_up(table(name).c[one.name], one.kind) for one in columns_of(table(name))}


def _made_up(column: Column[Any], kind: Kind) -> Any:
    if isinstance(column.type, Enum):
        return next(iter(column.type.enum_class))
    mark = uuid4()
    return {
        Kind.IDENTITY: mark,
        Kind.DAY: date(2026, 6, 18) + timedelta(days=mark.int % 100_000 if column.unique else 0),
        Kind.MOMENT: datetime(2026, 6, 18, 14, 0, tzinfo=UTC),
        Kind.STRUCTURE: {"mark": mark.hex},
        Kind.FLAG: True,
        Kind.NUMBER: mark.int % 1_000_000,
        Kind.CODE: mark.hex[: getattr(column.type, "length", None) or 32],
        Kind.TEXT: f"Texte {mark.hex}",
        Kind.BYTES: mark.bytes,
    }[kind]


def fill(db: Database, names: Iterable[str]) -> None:
    """Make up a row in each of these tables that has none, for tests that need some and do not care what they say."""
    with db.transaction() as session:
        sqlite = session.get_bind().dialect.name == "sqlite"
        session.execute(
            text("PRAGMA defer_foreign_keys=ON" if sqlite else "SET LOCAL session_replication_role = replica")
        )
        for name in names:
            if not session.execute(select(table(name)).limit(1)).first():
                _insert_what_fits(session, name)
        if sqlite:
            session.execute(text("PRAGMA defer_foreign_keys=OFF"))


def _insert_what_fits(session: Session, name: str) -> None:
    """The made-up row, whole or without one of the columns that may be empty: a table may want one of two."""
    full = make_up(name)
    may_be_empty = [column.name for column in table(name).columns if column.nullable]
    for row in (full, *({**full, column: None} for column in may_be_empty)):
        try:
            with session.begin_nested():
                session.execute(insert(table(name)).values(row))
        except IntegrityError:
            continue
        return
    raise AssertionError(f"no row could be made up for {name}")


def with_acts(session: Session, name: str, least: int = 1) -> None:
    """See that a table of acts has rows that the ledger tells of; those it lacks are made up and recorded."""
    if len(keys_of(session, name)) >= least:
        return
    rows = [make_up(name) for _ in range(3)]
    session.execute(insert(table(name)), rows)
    append_named(session, [(act_of(name, 1), row["id"].hex) for row in rows], at=datetime(2026, 6, 19, tzinfo=UTC))


def key(name: str) -> Column[Any]:
    """Return what names a row of a table."""
    return table(name).c["id"] if "id" in table(name).c else table(name).c["seq"]


def value_of(session: Session, name: str, row: Any, column: str) -> Any:
    """Return what a column holds."""
    return session.scalar(select(table(name).c[column]).where(key(name) == row))


def put(session: Session, name: str, row: Any, /, **values: Any) -> None:
    """Change columns of one row."""
    changed = session.execute(update(table(name)).where(key(name) == row).values(**values))
    assert changed.rowcount == 1


def alter(session: Session, name: str, row: Any, column: str) -> None:
    """Give a column another value that it can hold."""
    kind = next(one.kind for one in columns_of(table(name)) if one.name == column)
    put(session, name, row, **{column: other(table(name).c[column], kind, value_of(session, name, row, column))})


def other(column: Column[Any], kind: Kind, value: Any) -> Any:
    """Another value of the kind."""
    if isinstance(column.type, Enum):
        return next(one for one in column.type.enum_class if one != value)
    if kind is Kind.IDENTITY:
        return uuid4()
    changes = {
        Kind.FLAG: lambda: not value,
        Kind.DAY: lambda: value + timedelta(days=1),
        Kind.MOMENT: lambda: value + timedelta(microseconds=1),
        Kind.STRUCTURE: lambda: [*value, "changed"] if isinstance(value, list) else {**value, "changed": True},
        Kind.NUMBER: lambda: value + 5000,
        Kind.CODE: lambda: ("A" if value[:1] != "A" else "B") + value[1:],
        Kind.TEXT: lambda: f"{value}.",
        Kind.BYTES: lambda: bytes([value[0] ^ 1]) + value[1:],
    }
    return changes[kind]()
