"""What becomes of a column that tells of a person, said where the column is declared.

The default is the safe one: the export of a person's data holds the column, and an erasure empties it in the
rows that stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Boolean, ColumnElement, DateTime, Enum, Integer, String, Table

# The name of the care of a column in its `info`.
CARE = "care"
_EMPTY = object()


@dataclass(frozen=True)
class Care:
    """The care of one column."""

    kept: str = ""
    erased_as: Any = _EMPTY
    is_secret: bool = False
    is_personal: bool = False


def care(*, kept: str = "", erased_as: Any = _EMPTY, secret: bool = False, personal: bool = False) -> dict[str, Any]:
    """Return the `info` of a column.

    `kept`: why an erasure does not empty it; `erased_as`: what the erasure writes there; `secret`: never
    exported; `personal`: in the ledger, under the salt that an erasure destroys, as texts are.
    """
    return {CARE: Care(kept, erased_as, secret, personal)}


def care_of(column: ColumnElement[Any]) -> Care:
    """Return the care of a column, the default one when it declares none."""
    found: Care = column.info.get(CARE, Care())
    return found


def erased_values(table: Table) -> dict[str, Any]:
    """Return what an erasure writes in each column of a row that stays.

    Keys, references, numbers, moments and codes that are always there name no person and stay. Raise
    TypeError for a column that can be neither empty nor null and declares nothing.
    """
    values: dict[str, Any] = {}
    for column in table.columns:
        told = care_of(column)
        if told.erased_as is not _EMPTY:
            values[column.name] = told.erased_as
        elif told.kept or _names_nobody(column):
            continue
        elif column.nullable:
            values[column.name] = None
        elif isinstance(column.type, String):
            values[column.name] = ""
        else:
            raise TypeError(f"{column} says neither why an erasure keeps it nor what it writes there")
    return values


def _names_nobody(column: Any) -> bool:
    kind = getattr(column.type, "impl", column.type)
    is_code = not column.nullable and isinstance(kind, Enum | Boolean)
    return bool(column.primary_key or column.foreign_keys) or is_code or isinstance(kind, DateTime | Integer)
