"""Pages of a sorted list, by keyset: the next page begins after the last row of this one, however far it is."""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import Session

from portfolio.db.engine import UtcDateTime

PAGE_SIZE = 50
# A count stops here: beyond, a page says "more than".
MAX_COUNT = 1000
# A page asked by its number alone is found by an offset; this bounds its cost.
MAX_OFFSET_PAGE = 100
_MAX_CURSOR_CHARS = 600


@dataclass(frozen=True, slots=True)
class Order:
    """The columns that sort a list; none is null, and the last one is unique."""

    columns: tuple[Any, ...]
    descending: bool = False


@dataclass(frozen=True, slots=True)
class Position:
    """Start of a page: its number, and the sort values of the row before it, or after it when it is read backwards."""

    page: int = 1
    values: tuple[Any, ...] | None = None
    is_backwards: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of a page, and the cursors of the pages before and after it; None where there is no page."""

    rows: tuple[Any, ...]
    previous: str | None
    next: str | None


@dataclass(frozen=True, slots=True)
class BoundedCount:
    """Number of rows of a list; `is_more` when the count stopped at its limit."""

    number: int
    is_more: bool = False


def load_page(session: Session, query: Select[Any], order: Order, position: Position, size: int = PAGE_SIZE) -> Page:
    """Read one page of a query; the last columns of each row are the sort values and are left out of `rows`."""
    rows = session.execute(_limited(query.add_columns(*order.columns), order, position, size)).all()
    return _page_of(rows, order, position, size)


def load_counted_page(
    session: Session, query: Select[Any], order: Order, position: Position, size: int = PAGE_SIZE
) -> tuple[Page, BoundedCount]:
    """Read one page of a query, and in the same query how many rows the list has."""
    counted = query.add_columns(_number_of(query, MAX_COUNT).scalar_subquery(), *order.columns)
    rows = session.execute(_limited(counted, order, position, size)).all()
    page = _page_of(rows, order, position, size)
    if not page.rows and position.values is not None:
        return page, count_rows(session, query)  # what stood on this page has gone meanwhile
    number = page.rows[0][-1] if page.rows else 0
    return replace(page, rows=tuple(row[:-1] for row in page.rows)), _bounded(number, MAX_COUNT)


def _page_of(found: Sequence[Any], order: Order, position: Position, size: int) -> Page:
    width, rows = len(order.columns), list(found)
    has_more = len(rows) > size
    rows = rows[:size]
    if position.is_backwards:
        rows.reverse()
    if not rows:
        return Page((), None, None)
    keys = [tuple(row[-width:]) for row in rows]
    before = has_more if position.is_backwards else position.page > 1 or position.values is not None
    after = position.is_backwards or has_more
    shown = tuple(tuple(row[:-width]) for row in rows)
    return Page(shown, encode_cursor(keys[0]) if before else None, encode_cursor(keys[-1]) if after else None)


def _limited(query: Select[Any], order: Order, position: Position, size: int) -> Select[Any]:
    descending = order.descending is not position.is_backwards
    if position.values is not None:
        # Two row values are compared as the index sorts them.
        keys = tuple_(*order.columns)
        bound = tuple_(
            *(literal(value, column.type) for value, column in zip(position.values, order.columns, strict=True))
        )
        query = query.where(keys < bound if descending else keys > bound)
    elif position.page > 1:
        query = query.offset((min(position.page, MAX_OFFSET_PAGE) - 1) * size)
    return query.order_by(*(column.desc() if descending else column for column in order.columns)).limit(size + 1)


def count_rows(session: Session, query: Select[Any], limit: int = MAX_COUNT) -> BoundedCount:
    """Count the rows of a query, up to a limit: the cost does not grow with the table."""
    return _bounded(session.scalar(_number_of(query, limit)) or 0, limit)


def _number_of(query: Select[Any], limit: int) -> Select[int]:
    return select(func.count()).select_from(query.limit(limit + 1).subquery())


def _bounded(number: int, limit: int) -> BoundedCount:
    return BoundedCount(min(number, limit), number > limit)


def encode_cursor(values: Sequence[Any]) -> str:
    """Return the sort values of a row as a word that an address can carry."""
    text = json.dumps([_to_text(value) for value in values], separators=(",", ":"), ensure_ascii=False)
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def decode_cursor(text: str, order: Order) -> tuple[Any, ...] | None:
    """Read sort values back; None when the word is not a cursor of this order."""
    if not text or len(text) > _MAX_CURSOR_CHARS:
        return None
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        kinds = [
            datetime if isinstance(column.type, UtcDateTime) else column.type.python_type for column in order.columns
        ]
        return tuple(_from_text(value, kind) for value, kind in zip(values, kinds, strict=True))
    except (ValueError, TypeError, OverflowError):
        return None


def _to_text(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, int) else str(value)


def _from_text(value: Any, kind: type) -> Any:
    if kind is int:
        if not isinstance(value, int) or abs(value) > 2**31:
            raise ValueError(value)
        return value
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if kind is date:
        return date.fromisoformat(value)
    return UUID(value) if kind is UUID else value
