"""Care of a column that tells of a person, said where each is declared.

The defaults are the safe ones for what leads to a person: the export of their data holds the row, an erasure
deletes it, and empties the column where the row stays. Whether rows are facts has no default: each table says it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Boolean, Column, ColumnElement, DateTime, Enum, Integer, String, Table

from portfolio.db.engine import CARE, Base

_EMPTY = object()
# Stands where a constraint of the table asks for a text.
ERASED = "effacé"
# The columns by which a row is of a person, not of whoever acted on it.
_OWN = ("person_id", "candidate_id", "subject_id", "holder_id")
_PERSON = "person"
# How a row leads to a person: a column of its table, then one of the table that it refers to, and so on.
Path = Sequence[str]


@dataclass(frozen=True)
class TableCare:
    """The care of the rows of one table."""

    # The French name of a row; only facts need one.
    name: str = ""
    # Acts: the ledger holds every column once. A column added later is nullable, and stays empty in older rows.
    is_recorded: bool = False
    # Facts from some moment on: the ledger holds them, and each later change behind the earlier one.
    is_tracked: bool = False
    # The column of the row that this one belongs to, and becomes a fact with.
    within: str | None = None
    # The first installations kept these rows without recording them: recorded once, when the ledger learns of them.
    is_late: bool = False
    # The revision whose migration wrote late rows; they are recorded apart from those of other revisions.
    written_in: str = ""
    # Why the rows are no facts.
    no_fact: str = ""
    # The database refuses to change or remove a row.
    is_append_only: bool = False
    # Why the export of a person's data does not hold the rows.
    not_exported: str = ""
    # Why an erasure keeps the rows as they are; `is_emptied`: it keeps the rows and empties their columns;
    # `is_draft`: the erasure of drafts deletes them, and not only that of the whole dossier.
    kept: str = ""
    is_emptied: bool = False
    is_draft: bool = False


def recorded(name: str, **more: Any) -> TableCare:
    """Return the care of a table of acts, written once."""
    return TableCare(name, is_recorded=True, is_append_only=True, **more)


def tracked(name: str, within: str | None = None, **more: Any) -> TableCare:
    """Return the care of a table whose rows become facts; None for a moment that the ledger knows."""
    return TableCare(name, is_tracked=True, within=within, **more)


def no_fact(reason: str, **more: Any) -> TableCare:
    """Return the care of a table that the ledger does not cover, and why."""
    return TableCare(no_fact=reason, **more)


DERIVED = no_fact(
    "derived from the facts", not_exported="derived from the facts", kept="derived from the facts, computed again"
)


def table_care(table: Table) -> TableCare:
    """Return the care of a table, the default one when it declares none."""
    declared: TableCare = table.info.get(CARE, TableCare())
    return declared


def _declared() -> Iterator[tuple[str, TableCare]]:
    return ((table.name, table_care(table)) for table in Base.metadata.sorted_tables)


@cache
def recorded_tables() -> Sequence[str]:
    """Return the tables whose rows are acts."""
    return tuple(name for name, declared in _declared() if declared.is_recorded)


@cache
def tracked_tables() -> Mapping[str, str | None]:
    """Return the tables whose rows become facts, each with its link; a table comes before those that belong to it."""
    return {name: declared.within for name, declared in _declared() if declared.is_tracked}


def late_tables(among: Collection[str]) -> Sequence[str]:
    """Return those of these tables that were kept before the ledger recorded them."""
    return tuple(name for name, declared in _declared() if declared.is_late and name in among)


def late_groups(among: Collection[str]) -> Sequence[Sequence[str]]:
    """Return the same, those together that the ledger learned of at once."""
    groups: dict[str, list[str]] = {}
    for name in late_tables(among):
        groups.setdefault(table_care(Base.metadata.tables[name]).written_in, []).append(name)
    return tuple(groups.values())


@cache
def covered_tables() -> Sequence[str]:
    """Return the tables that the ledger covers."""
    return (*recorded_tables(), *tracked_tables())


@cache
def append_only_tables() -> Sequence[str]:
    """Return the tables that the database refuses to change."""
    return tuple(name for name, declared in _declared() if declared.is_append_only)


def exported_tables() -> Mapping[str, Path]:
    """Return the tables that the export of a person's data holds, each with its path to the person."""
    found = paths_to_person()
    return {name: found[name] for name, declared in _declared() if name in found and not declared.not_exported}


@cache
def paths_to_person() -> Mapping[str, Path]:
    """Return how each table that holds data of a person leads to them: by its candidacy before anything else."""
    found: dict[str, Path] = {
        table.name: (own,) for table in Base.metadata.tables.values() if (own := own_column(table)) is not None
    }
    while more := {
        table.name: min(paths, key=len)
        for table in Base.metadata.sorted_tables
        if table.name not in found and (paths := _paths_from(table, found))
    }:
        found |= more
    return found


def own_column(table: Table) -> str | None:
    """Return the column that names the person whose row this is, if the row is of no candidacy."""
    if any(parent.name == "candidacy" for _column, parent in links_of(table)):
        return None
    people = [column.name for column, parent in links_of(table) if parent.name == _PERSON]
    return next((name for name in _OWN if name in people), None)


def links_of(table: Table) -> Iterator[tuple[Column[Any], Table]]:
    """Yield each column that refers to a row of another table, with that table."""
    return ((column, key.column.table) for column in table.columns for key in column.foreign_keys)


def _paths_from(table: Table, found: Mapping[str, Path]) -> list[Path]:
    return [
        (column.name, *found[parent.name])
        for column, parent in links_of(table)
        if parent.name in found and parent.name != _PERSON
    ]


@dataclass(frozen=True)
class Care:
    """The care of one column."""

    kept: str = ""
    erased_as: Any = _EMPTY
    is_secret: bool = False
    is_personal: bool = False


def care(*, kept: str = "", erased_as: Any = _EMPTY, secret: bool = False, personal: bool = False) -> dict[str, Any]:
    """Return the `info` of a column.

    `kept`: why an erasure does not empty it; `erased_as`: what the erasure writes there, the only way to empty
    a column of an append-only row; `secret`: never exported; `personal`: in the ledger, under the salt that an
    erasure destroys, as texts are.
    """
    return {CARE: Care(kept, erased_as, secret, personal)}


def care_of(column: ColumnElement[Any]) -> Care:
    """Return the care of a column, the default one when it declares none."""
    found: Care = column.info.get(CARE, Care())
    return found


def erasable_words() -> Mapping[str, Mapping[str, Any]]:
    """Return what an erasure writes in the columns of append-only rows, by table."""
    words = {
        name: {
            column.name: erased
            for column in Base.metadata.tables[name].columns
            if (erased := care_of(column).erased_as) is not _EMPTY
        }
        for name in append_only_tables()
    }
    return {name: columns for name, columns in words.items() if columns}


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
