"""Declaration of the rows that let somebody in, or act, in the name of a person: each table says how they end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select

from portfolio.db.care import Path
from portfolio.db.engine import Base


@dataclass(frozen=True, slots=True)
class Credential:
    """Paths from the rows of a table to their person and to the body that they serve, and the way they end.

    A path is a column, then one of the table that it refers to. Rows with neither `ended` nor `until` are deleted.
    """

    person: Path
    # The other way to the person, of rows that have one or the other.
    or_person: Path = ()
    body: Path = ()
    # The column that holds the moment of their end, empty until then; or the end that was planned, brought forward.
    ended: str = ""
    until: str = ""


def declared_credentials() -> Iterator[tuple[Any, Credential]]:
    """Yield each class of rows that declares itself a credential (`__credential__`), by the name of its table."""
    found = [mapper.class_ for mapper in Base.registry.mappers if "__credential__" in vars(mapper.class_)]
    for row_class in sorted(found, key=lambda row_class: str(row_class.__tablename__)):
        yield row_class, row_class.__credential__


def leads_to(row_class: Any, path: Path, key: Any) -> ColumnElement[bool]:
    """Return the condition that the path of a row leads to this key."""
    return _leads_to(row_class.__table__, path, key)


def _leads_to(table: Any, path: Path, key: Any) -> ColumnElement[bool]:
    column = table.c[path[0]]
    found: ColumnElement[bool] = column == key
    if len(path) > 1:
        parent = next(iter(column.foreign_keys)).column
        found = column.in_(select(parent).where(_leads_to(parent.table, path[1:], key)))
    return found
