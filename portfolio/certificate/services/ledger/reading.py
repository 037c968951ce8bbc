"""Rows as the store holds them, before any type reads them: an insider may have left what no type can read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any
from uuid import UUID

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
    cast,
    literal,
    select,
    type_coerce,
)
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.sql.sqltypes import NULLTYPE

from portfolio.certificate.ledger import LedgerEntry, LedgerHead, LedgerSalt
from portfolio.certificate.rules.ledger import Column, Entry, Head, Kind, Salts, text_of
from portfolio.certificate.rules.ledger import column as named
from portfolio.db import Base, UtcDateTime

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


# PostgreSQL's `infinity`, text that is not UTF-8 in SQLite, JSON too deep: the row is there, the driver gives up.
_UNREADABLE = (DataError, OperationalError, ValueError, RecursionError)


class Unreadable:
    """Stands for a value that the driver itself cannot read."""


def _raise_if_ours(error: Exception) -> None:
    """A store that does not answer is not a row that was changed."""
    if isinstance(error, OperationalError) and "decode" not in str(error.orig):
        raise error


def table_of(act: str) -> Table | None:
    """The table of this name, if there is one."""
    return Base.metadata.tables.get(act)


@cache
def columns_of(table: Table) -> tuple[Column, ...]:
    """The columns of a table and what each holds; raises TypeError for a type the ledger has no writing for."""
    return tuple(named(table.name, column.name, _kind_of(column.type)) for column in table.columns)


def _kind_of(kind: Any) -> Kind:
    for known, found in _KINDS:
        if isinstance(kind, known):
            return found
    raise TypeError(f"the ledger cannot record a column of type {kind!r}")


def raw(table: Table) -> Select[Any]:
    """Select every column as the driver gives it, structures as their text."""
    columns: list[Any] = [_raw(column) for column in table.columns]
    query: Select[Any] = select(*columns)
    return query


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(cast(column, Text) if isinstance(column.type, JSON) else column, NULLTYPE)


def rows_by(session: Session, table: Table, key: ColumnElement[Any], keys: Sequence[Any]) -> list[Values]:
    """Read rows by key, each whole; a value that cannot be read is `Unreadable`, and stops nothing."""
    try:
        return [tuple(row) for row in session.execute(raw(table).where(_among(session, key, keys))).all()]
    except _UNREADABLE as error:
        _raise_if_ours(error)
        if len(keys) > 1:
            return [row for one in keys for row in rows_by(session, table, key, [one])]
        return [_in_pieces(session, table, key == keys[0])]


def _among(session: Session, key: ColumnElement[Any], keys: Sequence[Any]) -> ColumnElement[bool]:
    """Choose rows by key; a run of numbers by its ends, a list as one value, which stores read much quicker than a long list."""
    if keys and type(keys[0]) is int and keys[-1] - keys[0] == len(keys) - 1:
        return key.between(keys[0], keys[-1])
    if session.get_bind().dialect.name == "postgresql":
        chosen: ColumnElement[bool] = key == any_(literal(list(keys), ARRAY(key.type)))
        return chosen
    return key.in_(keys)


def _in_pieces(session: Session, table: Table, which: ColumnElement[bool]) -> Values:
    return tuple(_piece(session, select(_raw(column)).where(which)) for column in table.columns)


def _piece(session: Session, query: Select[Any]) -> Any:
    try:
        return session.execute(query).scalars().first()
    except _UNREADABLE as error:
        _raise_if_ours(error)
        return Unreadable()


def rows_of(session: Session, act: str, ids: Sequence[str]) -> dict[str, Values]:
    """Read acts by the canonical text of their identity."""
    table = table_of(act)
    if table is None:
        return {}
    place = list(table.columns).index(table.c.id)
    known = [UUID(one) for one in ids if _is_identity(one)]
    rows = rows_by(session, table, table.c.id, known)
    return {text_of(Kind.IDENTITY, row[place]): row for row in rows}


def _is_identity(text: str) -> bool:
    return len(text) == 32 and not text.strip("0123456789abcdef")


ENTRY = Base.metadata.tables[LedgerEntry.__tablename__]
SALT = Base.metadata.tables[LedgerSalt.__tablename__]
HEAD = Base.metadata.tables[LedgerHead.__tablename__]


def entries(session: Session) -> Iterator[list[tuple[Entry, Salts]]]:
    """Stream the ledger in its order, by batches, each entry with its salts (None where they are gone)."""
    for keys in _numbers(session, ENTRY):
        rows = rows_by(session, ENTRY, ENTRY.c.seq, keys)
        salts = {row[0]: Salts(_secret(row[1]), _secret(row[2])) for row in rows_by(session, SALT, SALT.c.seq, keys)}
        found = sorted(map(_entry, rows), key=lambda entry: entry.seq)
        yield [(entry, salts.get(entry.seq, Salts(None, None))) for entry in found]


def entry_at(session: Session, seq: int) -> Entry | None:
    """The entry of this number."""
    rows = rows_by(session, ENTRY, ENTRY.c.seq, [seq])
    return _entry(rows[0]) if rows else None


def salts_at(session: Session, seq: int) -> Salts:
    """The salts of the entry of this number, None where they are gone."""
    rows = rows_by(session, SALT, SALT.c.seq, [seq])
    return Salts(_secret(rows[0][1]), _secret(rows[0][2])) if rows else Salts(None, None)


def heads(session: Session) -> Iterator[tuple[Head, Entry | None]]:
    """Stream the signed heads in their order, each with the entry it ends on."""
    for keys in _numbers(session, HEAD):
        found = sorted((_head(row) for row in rows_by(session, HEAD, HEAD.c.seq, keys)), key=lambda head: head.seq)
        ends = {row[0]: _entry(row) for row in rows_by(session, ENTRY, ENTRY.c.seq, keys)}
        yield from ((head, ends.get(head.seq)) for head in found)


def head_at(session: Session, seq: int | None) -> Head | None:
    """The signed head that ends on this entry."""
    rows = [] if seq is None else rows_by(session, HEAD, HEAD.c.seq, [seq])
    return _head(rows[0]) if rows else None


def hashes(session: Session, numbers: Sequence[int]) -> dict[int, str]:
    """The hash of each of these entries that exists."""
    found: dict[int, str] = {}
    for start in range(0, len(numbers), BATCH):
        rows = rows_by(session, ENTRY, ENTRY.c.seq, numbers[start : start + BATCH])
        found |= {entry.seq: entry.hash for entry in map(_entry, rows)}
    return found


def _numbers(session: Session, table: Table) -> Iterator[list[int]]:
    """The numbers of a table's rows in order, by batches: short queries, and as much memory for ten entries as for a million."""
    query = select(table.c.seq).order_by(table.c.seq).limit(BATCH)
    keys = session.scalars(query).all()
    while keys:
        yield list(keys)
        keys = session.scalars(query.where(table.c.seq > keys[-1])).all()


def _entry(row: Values) -> Entry:
    seq, at, act, row_id, digests, previous, hash_ = row
    return Entry(
        seq,
        text_of(Kind.MOMENT, at),
        text_of(Kind.CODE, act),
        text_of(Kind.IDENTITY, row_id),
        _structure(digests),
        text_of(Kind.CODE, previous),
        text_of(Kind.CODE, hash_),
    )


def _head(row: Values) -> Head:
    said: dict[str, Any] = {
        column.name: value if column.kind is Kind.NUMBER else text_of(column.kind, value)
        for column, value in zip(columns_of(HEAD), row, strict=True)
    }
    return Head(**said)


def _structure(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _secret(value: Any) -> bytes | None:
    if value is None or type(value) is bytes:
        return value
    return bytes(value) if isinstance(value, memoryview) else repr(value).encode()
