"""Rows as the store holds them, before any type reads them: an insider may have left what no type can read."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Boolean,
    ColumnElement,
    Date,
    Enum,
    Integer,
    LargeBinary,
    Select,
    String,
    Table,
    Text,
    Uuid,
    any_,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy import column as sql_column
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql.sqltypes import NULLTYPE

from portfolio.db.care import care_of
from portfolio.db.engine import Base, UtcDateTime, fetch_rows
from portfolio.domain.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerSalt
from portfolio.domain.ledger.rules.chain import Checkpoint, Column, Entry, Salts
from portfolio.domain.ledger.rules.chain import column as named
from portfolio.domain.ledger.rules.encoding import Kind, text_of

BATCH = 1000
Values = tuple[Any, ...]
_KINDS: tuple[tuple[type[Any], Kind], ...] = (
    (Uuid, Kind.IDENTITY),
    (UtcDateTime, Kind.MOMENT),
    (Date, Kind.DAY),
    (JSON, Kind.STRUCTURE),
    (Boolean, Kind.FLAG),
    (Integer, Kind.NUMBER),
    (BigInteger, Kind.NUMBER),
    (LargeBinary, Kind.BYTES),
    (Text, Kind.TEXT),
    (Enum, Kind.CODE),
    (String, Kind.CODE),
)


# PostgreSQL's `infinity`, text that is not UTF-8 in SQLite, JSON too deep: the row is there, the driver gives
# up.
_UNREADABLE = (DataError, OperationalError, ValueError, RecursionError)


class Unreadable:
    """Stands for a value that the driver itself cannot read."""


def _raise_if_ours(error: Exception) -> None:
    """A store that does not answer is not a row that was changed."""
    if isinstance(error, OperationalError) and "decode" not in str(error.orig):
        raise error


def table_of(act: str) -> Table | None:
    """Return the table of this name, if there is one."""
    return Base.metadata.tables.get(act)


@cache
def columns_of(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table and what each holds; raises TypeError for a type the ledger has no writing for."""
    return tuple(
        named(table.name, column.name, _kind_of(column.type), is_personal=care_of(column).is_personal)
        for column in table.columns
    )


def _kind_of(kind: Any) -> Kind:
    for known, found in _KINDS:
        if isinstance(kind, known):
            return found
    raise TypeError(f"the ledger cannot record a column of type {kind!r}")


@cache
def raw(table: Table, dialect: str) -> Select[Any]:
    """Select every column as its canonical text where the store can write it, else as the driver gives it.

    PostgreSQL writes identities, days and moments as SQLite keeps them: making Python objects of them, and
    texts again, was half of what a check took.
    """
    query: Select[Any] = select(*(_raw(column, dialect) for column in table.columns))
    return query


def _raw(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    written = _IN_TEXT.get(_kind_of(column.type)) if dialect == "postgresql" else None
    if written is None:
        written = _as_text if isinstance(column.type, JSON) else _as_it_is
    return type_coerce(written(column), NULLTYPE)


def _as_it_is(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return column


def _as_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return cast(column, Text)


def _identity_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return func.replace(cast(column, Text), "-", "")


def _moment_text(column: ColumnElement[Any]) -> ColumnElement[Any]:
    # A pattern says nothing of an era, and `infinity` fits none: what is not of ours keeps the store's own
    # writing of it.
    ours = column.between(datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC))
    return case(
        (ours, func.to_char(func.timezone("UTC", column), "YYYY-MM-DD HH24:MI:SS.US")), else_=cast(column, Text)
    )


_IN_TEXT: Mapping[Kind, Callable[[ColumnElement[Any]], ColumnElement[Any]]] = {
    Kind.IDENTITY: _identity_text,
    Kind.DAY: _as_text,
    Kind.MOMENT: _moment_text,
}


def rows_by(session: Session, table: Table, key: ColumnElement[Any], keys: Sequence[Any]) -> list[Values]:
    """Read rows by key, each whole; a value that cannot be read is `Unreadable`, and stops nothing."""
    dialect = session.get_bind().dialect.name
    try:
        return [tuple(row) for row in _read_among(session, table, key, keys)]
    except _UNREADABLE as error:
        _raise_if_ours(error)
        if len(keys) > 1:
            return [row for value in keys for row in rows_by(session, table, key, [value])]
        which, asked = _among(dialect, key, keys)
        pieces = (select(_raw(column, dialect)).where(which) for column in table.columns)
        return [tuple(_piece(session, piece, asked) for piece in pieces)]


def _read_among(session: Session, table: Table, key: ColumnElement[Any], keys: Sequence[Any]) -> Sequence[Any]:
    dialect = session.get_bind().dialect.name
    which, asked = _among(dialect, key, keys)
    return fetch_rows(session, _rows_where(table, dialect, which), asked)


@cache
def _rows_where(table: Table, dialect: str, which: ColumnElement[bool]) -> Select[Any]:
    """Select whole rows, by one of the conditions below: built once, for every closing reads several
    tables this way.
    """
    return raw(table, dialect).where(which)


def _among(dialect: str, key: ColumnElement[Any], keys: Sequence[Any]) -> tuple[ColumnElement[bool], dict[str, Any]]:
    """Choose rows by key, numbers or identities as text; a run of numbers by its ends, a list as one value of
    the query.
    """
    if type(keys[0]) is int and keys[-1] - keys[0] == len(keys) - 1:
        return _in_run(key), {"first": keys[0], "last": keys[-1]}
    if dialect == "postgresql":
        return _in_array(key, type(keys[0]) is int), {"keys": list(keys)}
    return _in_json(key), {"keys": json.dumps(list(keys))}


@cache
def _in_run(key: ColumnElement[Any]) -> ColumnElement[bool]:
    return key.between(bindparam("first"), bindparam("last"))


@cache
def _in_array(key: ColumnElement[Any], are_numbers: bool) -> ColumnElement[bool]:
    listed: ColumnElement[Any] = bindparam("keys", type_=ARRAY(BigInteger if are_numbers else Text))
    chosen: ColumnElement[bool] = key == any_(cast(listed, ARRAY(key.type)))
    return chosen


@cache
def _in_json(key: ColumnElement[Any]) -> ColumnElement[bool]:
    value: ColumnElement[Any] = sql_column("value")
    listed = select(value).select_from(func.json_each(bindparam("keys", type_=Text())))
    return type_coerce(key, NULLTYPE).in_(listed)


def _piece(session: Session, query: Select[Any], asked: dict[str, Any]) -> Any:
    try:
        return session.execute(query, asked).scalars().first()
    except _UNREADABLE as error:
        _raise_if_ours(error)
        return Unreadable()


def load_rows(session: Session, act: str, ids: Sequence[str]) -> dict[str, Values]:
    """Read acts by the canonical text of their identity."""
    table = table_of(act)
    if table is None:
        return {}
    place = list(table.columns).index(table.c.id)
    known = [identity for identity in ids if _is_identity(identity)]
    rows = rows_by(session, table, table.c.id, known) if known else []
    return {text_of(Kind.IDENTITY, row[place]): row for row in rows}


def _is_identity(text: str) -> bool:
    return len(text) == 32 and not text.strip("0123456789abcdef")


ENTRY = Base.metadata.tables[LedgerEntry.__tablename__]
SALT = Base.metadata.tables[LedgerSalt.__tablename__]
HEAD = Base.metadata.tables[LedgerCheckpoint.__tablename__]


def entries(session: Session, after: int = 0, until: int | None = None) -> Iterator[list[tuple[Entry, Salts]]]:
    """Stream the ledger in its order, by batches, each entry with its salts (None where they are gone): the
    entries numbered after one number, up to another.
    """
    for keys in _numbers(session, ENTRY, after, until):
        yield entries_at(session, keys)


def entries_at(session: Session, numbers: Sequence[int]) -> list[tuple[Entry, Salts]]:
    """Read the entries of these numbers, each with its salts (None where they are gone), in their order."""
    if not numbers:
        return []
    rows = rows_by(session, ENTRY, ENTRY.c.seq, numbers)
    salts = {row[0]: Salts(_secret(row[1]), _secret(row[2])) for row in rows_by(session, SALT, SALT.c.seq, numbers)}
    found = sorted(map(_entry, rows), key=lambda entry: entry.seq)
    return [(entry, salts.get(entry.seq, Salts(None, None))) for entry in found]


def recorded_again(session: Session, act: str, rows: Sequence[str]) -> list[str]:
    """Those of these rows that an entry of this act records."""
    known = [row for row in rows if _is_identity(row)]
    if not known:
        return []
    which, asked = _among(session.get_bind().dialect.name, ENTRY.c.row_id, known)
    return [row_id.hex for (row_id,) in fetch_rows(session, _rows_of_act(which), {**asked, "act": act})]


@cache
def _rows_of_act(which: ColumnElement[bool]) -> Select[Any]:
    return select(ENTRY.c.row_id).where(ENTRY.c.record_type == bindparam("act"), which)


def entry_at(session: Session, seq: int) -> Entry | None:
    """Return the entry of this number."""
    rows = rows_by(session, ENTRY, ENTRY.c.seq, [seq])
    return _entry(rows[0]) if rows else None


def salts_at(session: Session, seq: int) -> Salts:
    """Return the salts of the entry of this number, None where they are gone."""
    rows = rows_by(session, SALT, SALT.c.seq, [seq])
    return Salts(_secret(rows[0][1]), _secret(rows[0][2])) if rows else Salts(None, None)


def checkpoints(
    session: Session, after: int = 0, until: int | None = None
) -> Iterator[tuple[Checkpoint, Entry | None]]:
    """Stream the signed heads of these entries in their order, each with the entry it ends on."""
    for keys in _numbers(session, HEAD, after, until):
        found = sorted((_head(row) for row in rows_by(session, HEAD, HEAD.c.seq, keys)), key=lambda head: head.seq)
        ends = {row[0]: _entry(row) for row in rows_by(session, ENTRY, ENTRY.c.seq, keys)}
        yield from ((head, ends.get(head.seq)) for head in found)


def checkpoint_at(session: Session, seq: int | None) -> Checkpoint | None:
    """Return the signed head that ends on this entry."""
    rows = [] if seq is None else rows_by(session, HEAD, HEAD.c.seq, [seq])
    return _head(rows[0]) if rows else None


def hashes(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """Return the hash of each of these entries that exists."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), BATCH):
        rows = rows_by(session, ENTRY, ENTRY.c.seq, numbers[start : start + BATCH])
        found |= {entry.seq: entry.hash for entry in map(_entry, rows)}
    return found


def _numbers(session: Session, table: Table, after: int, until: int | None) -> Iterator[list[int]]:
    """Yield the numbers of a table's rows in order, by batches: short queries, and as much memory for ten entries
    as for a million.
    """
    query = select(table.c.seq).order_by(table.c.seq).limit(BATCH)
    if until is not None:
        query = query.where(table.c.seq <= until)
    # A number below the first is wrong: the whole is read from wherever it begins.
    keys = session.scalars(query.where(table.c.seq > after) if after else query).all()
    while keys:
        yield list(keys)
        keys = session.scalars(query.where(table.c.seq > keys[-1])).all()


def _entry(row: Values) -> Entry:
    seq, at, act, row_id, digests, previous, hash_ = row
    if type(at) is type(act) is type(row_id) is type(previous) is type(hash_) is str:
        return Entry(seq, at, act, row_id, _structure(digests), previous, hash_)
    # Somebody left there what is not a text: it still has one writing, that no entry of ours equals.
    moment, name, identity = text_of(Kind.MOMENT, at), text_of(Kind.CODE, act), text_of(Kind.IDENTITY, row_id)
    return Entry(
        seq, moment, name, identity, _structure(digests), text_of(Kind.CODE, previous), text_of(Kind.CODE, hash_)
    )


def _head(row: Values) -> Checkpoint:
    fields: dict[str, Any] = {
        column.written: value if column.kind is Kind.NUMBER else text_of(column.kind, value)
        for column, value in zip(columns_of(HEAD), row, strict=True)
    }
    return Checkpoint(**fields)


_read = json.JSONDecoder().decode


def _structure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return _read(value)
    except (ValueError, RecursionError):
        return value


def _secret(value: Any) -> bytes | None:
    if value is None or type(value) is bytes:
        return value
    return bytes(value) if isinstance(value, memoryview) else repr(value).encode()
