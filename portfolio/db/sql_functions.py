"""Expressions that SQLite and PostgreSQL write differently, or that their planners need written so."""

from typing import Any

from sqlalchemy import Boolean, ColumnElement, Integer, Text, func, literal, select, type_coerce
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import aliased
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import NullType


def raw_column(column: Any) -> Any:
    """A column as its store answers it, made into nothing else: for codes of which few are read."""
    return type_coerce(column, NullType())


class uuid_hex(FunctionElement[str]):  # noqa: N801 - it reads as the other functions of SQL
    """An identity as its 32 hexadecimal digits, on both stores: thousands are read, and none needs to become a UUID."""

    inherit_cache = True
    type = Text()


@compiles(uuid_hex)
def _compile_uuid_hex(element: uuid_hex, compiler: SQLCompiler, **words: Any) -> str:
    return f"replace(CAST({compiler.process(element.clauses, **words)} AS TEXT), '-', '')"


@compiles(uuid_hex, "sqlite")
def _compile_uuid_hex_sqlite(element: uuid_hex, compiler: SQLCompiler, **words: Any) -> str:
    return compiler.process(element.clauses, **words)


class _Position(FunctionElement[int]):
    """Place where a text begins in another one, on both stores: 0 when it is not there.

    No sign of the text has a meaning.
    """

    inherit_cache = True
    type = Integer()


@compiles(_Position)
def _compile_position(element: _Position, compiler: SQLCompiler, **words: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **words)})"


@compiles(_Position, "sqlite")
def _compile_position_sqlite(element: _Position, compiler: SQLCompiler, **words: Any) -> str:
    return f"instr({compiler.process(element.clauses, **words)})"


def contains_text(column: Any, text: str) -> ColumnElement[bool]:
    """Return the condition that a column contains a text, sign for sign: faster than LIKE, with nothing to escape."""
    return _Position(column, text) > 0


class _Equal(FunctionElement[bool]):
    """The equality of a column and another, not by the primary key."""

    type = Boolean()
    inherit_cache = True


@compiles(_Equal)
def _compile_equal(element: _Equal, compiler: SQLCompiler, **words: Any) -> str:
    column, value = (compiler.process(each, **words) for each in element.clauses)
    return f"{column} = {value}"


@compiles(_Equal, "sqlite")
def _compile_equal_sqlite(element: _Equal, compiler: SQLCompiler, **words: Any) -> str:
    column, value = (compiler.process(each, **words) for each in element.clauses)
    return f"{column} BETWEEN {value} AND {value}"


def equals_in_partial_index(column: Any, value: Any) -> ColumnElement[bool]:
    """Return the condition that a unique column equals another one, for SQLite to look in the partial index that the
    other conditions allow: an equality would have it read each row by the unique index, spread over the table.
    """
    return _Equal(column, value)


def appears_in(column: Any, value: Any) -> ColumnElement[bool]:
    """Return the condition that an indexed column of another table holds this value, answered by one entry of
    its index.

    For `EXISTS`, PostgreSQL reads the whole table where few values are each in many rows: it expects to meet
    any of them at once, and reads to the end for the person who is not there.
    """
    other = getattr(aliased(column.class_), column.key)
    first = select(other).where(other >= value).order_by(other).limit(1).scalar_subquery()
    return func.coalesce(first == value, literal(value=False))
