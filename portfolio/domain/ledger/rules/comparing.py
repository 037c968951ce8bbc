"""Comparison of an act with what its entry committed to, and the places where they differ.

Results of a ledger check: the first row that differs, and the kind of the change.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

from portfolio.domain.ledger.rules.chain import FACTS_SALT, WORDS_SALT, Checkpoint, Column, Entry, Salts, digests_of

_SALTS = {FACTS_SALT: "facts", WORDS_SALT: "words"}


class Compared(NamedTuple):
    """Differences between an entry and its act: columns, changed salts, missing salts."""

    columns: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()


SAME = Compared()


def compared(entry: Entry, columns: Sequence[Column], values: Sequence[Any], salts: Salts) -> Compared:
    """Compare an act with its entry, column by column; a column whose salt is gone is not judged.

    A column that the entry says nothing of was added later, and must be empty.
    """
    committed = entry.digests
    found = digests_of(columns, values, salts)
    if found == committed:
        return SAME
    if not isinstance(committed, dict):
        return Compared(tuple(column.name for column in columns))
    return Compared(
        tuple(_changed(committed, found, columns, values, salts)),
        tuple(
            _SALTS[name] for name in _SALTS if name in committed and name in found and committed[name] != found[name]
        ),
        tuple(_SALTS[name] for name in _SALTS if name in committed and name not in found),
    )


def _changed(
    committed: dict[str, Any], found: dict[str, str], columns: Sequence[Column], values: Sequence[Any], salts: Salts
) -> list[str]:
    known = {column.written for column in columns}
    changed = [name for name in committed if name not in known and name not in _SALTS]
    for column, value in zip(columns, values, strict=True):
        if column.written not in committed:
            changed += [column.name] if value is not None else []
        elif salts.of(column) is not None and committed[column.written] != found[column.written]:
            changed.append(column.name)
    return changed


def is_content_of(entry: Entry, columns: Sequence[Column], values: Sequence[Any], salts: Salts) -> bool:
    """Return whether a row, whatever its identity, holds what an entry committed to: it was swapped, or renamed."""
    return set(compared(entry, columns, values, salts).columns) <= {"id"}


def is_removal(entry: Entry) -> bool:
    """Return whether an entry says that the row was removed by the application: it commits to no column."""
    return isinstance(entry.digests, dict) and set(entry.digests) == {FACTS_SALT}


class Change(StrEnum):
    """The kinds of change; those of the second group are seen only with what was kept outside the table."""

    COLUMN_CHANGED = "column_changed"
    ROW_DELETED = "row_deleted"
    ROWS_SWAPPED = "rows_swapped"
    ROW_INSERTED = "row_inserted"
    ENTRY_REWRITTEN = "entry_rewritten"  # it fits itself, no longer the chain
    ERASED_WITHOUT_ACT = "erased_without_act"
    SEAL_BROKEN = "seal_broken"  # the manifest of a submission no longer gives its root, or its rows say something else
    AUDIT_DAY = "audit_day"  # the events of a day no longer give its digest
    NOT_SIGNED = "not_signed"
    REWRITTEN = "rewritten"
    TAIL_CUT = "tail_cut"
    FOREIGN_HEAD = "foreign_head"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that differs: `table` and `row` name it, `seq` the entry of the ledger where it is seen.

    `column` is None when several or unknown; `other` is the row swapped with it, or the last entry of a stretch.
    """

    change: Change
    table: str
    row: str
    seq: int | None = None
    column: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class VerificationReport:
    """Result of a check of the whole ledger."""

    entries: int
    erased: int
    head: Checkpoint | None
    difference: Difference | None

    @property
    def ok(self) -> bool:
        """Tell whether everything is as it was written."""
        return self.difference is None
