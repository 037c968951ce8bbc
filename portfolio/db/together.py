"""Several statements read by one: a page asks its store once for facts that have nothing to join on."""

from collections import namedtuple
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, CompoundSelect, Select, and_, cast, literal_column, null, select, true, union_all
from sqlalchemy.sql.base import ExecutableOption
from sqlalchemy.types import NullType, TypeEngine


class Together:
    """Statements of columns, built once, which `fetch_together` reads: even the rows of one that has an order come in
    none.
    """

    def __init__(self, *queries: Select[*tuple[Any, ...]]) -> None:
        self._queries = queries
        # Columns of one type share a place, whatever statement they are of: a store wants one type for each.
        self._types: list[TypeEngine[Any]] = []
        self.places = [self._places_of(query) for query in queries]
        self.rows: list[Any] = [
            namedtuple(f"Row{number}", query.selected_columns.keys(), rename=True)
            for number, query in enumerate(queries)
        ]
        self.statement = self.narrowed(())

    def narrowed(self, criteria: Sequence[ExecutableOption]) -> CompoundSelect[*tuple[Any, ...]]:
        """Return the statement with the criteria of a session that reads less than everything."""
        return union_all(
            *(
                self._padded(number, query.options(*criteria), places)
                for number, (query, places) in enumerate(zip(self._queries, self.places, strict=True))
            )
        )

    def _padded(self, number: int, query: Select[*tuple[Any, ...]], places: Sequence[int]) -> Select[*tuple[Any, ...]]:
        columns = dict(zip(places, query.subquery().columns, strict=True))
        padded = (columns.get(place, _absent(kind)) for place, kind in enumerate(self._types))
        named = (column.label(f"c{place}") for place, column in enumerate(padded))
        return select(literal_column(str(number)).label("number"), *named)

    def _places_of(self, query: Select[*tuple[Any, ...]]) -> list[int]:
        taken: list[int] = []
        for column in query.selected_columns:
            free = (
                place
                for place, kind in enumerate(self._types)
                if place not in taken and repr(kind) == repr(column.type)
            )
            place = next(free, len(self._types))
            if place == len(self._types):
                self._types.append(column.type)
            taken.append(place)
        return taken


def _absent(kind: TypeEngine[Any]) -> ColumnElement[Any]:
    """Return the absence of a value of a type; of a column that its store answers as it is, an absence without one,
    which PostgreSQL takes in the first two statements only.
    """
    return null() if isinstance(kind, NullType) else cast(null(), kind)


def side_by_side(owner: Any, *others: tuple[Any, ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """Return a statement of the objects of several tables that belong to a row of `owner`: each row of its answer has
    one of them, and None for the others.
    """
    kinds = union_all(*(select(literal_column(str(number)).label("kind")) for number in range(len(others)))).subquery()
    query = select(*(table for table, _ in others)).select_from(owner).join(kinds, true())
    for number, (table, belongs) in enumerate(others):
        query = query.outerjoin(table, and_(kinds.c.kind == number, belongs))
    return query
