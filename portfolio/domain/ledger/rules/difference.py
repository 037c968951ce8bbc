"""Results of a ledger check: the first row that differs, and the kind of the change."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.ledger.rules.head import Checkpoint


class Change(StrEnum):
    """The kinds of change; those of the second group are seen only with what was kept outside the table."""

    COLUMN_CHANGED = "column_changed"
    ROW_DELETED = "row_deleted"
    ROWS_SWAPPED = "rows_swapped"
    ROW_INSERTED = "row_inserted"
    ENTRY_REWRITTEN = "entry_rewritten"  # it fits itself, no longer the chain
    ERASED_WITHOUT_ACT = "erased_without_act"
    SEAL_BROKEN = (
        "seal_broken"  # the manifest of a submission no longer gives its root, or its rows say something else
    )
    AUDIT_DAY = "audit_day"  # the events of a day no longer give its digest
    NOT_SIGNED = "not_signed"
    REWRITTEN = "rewritten"
    TAIL_CUT = "tail_cut"
    FOREIGN_HEAD = "foreign_head"


@dataclass(frozen=True, slots=True)
class Difference:
    """The first row that differs: `table` and `row` name it, `seq` the entry of the ledger where it is seen.

    `column` is None when several or unknown; `other` is the row swapped with it, or the last entry of a
    stretch.
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
        """Whether everything is as it was written."""
        return self.difference is None
