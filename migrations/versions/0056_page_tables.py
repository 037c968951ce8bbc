"""Rename `leaf` and `leaf_image` to `page` and `page_image`, with their column, constraints and indexes."""

from __future__ import annotations

import re
from collections.abc import Iterable

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

# The former name of a table, and the name that it takes. Other migrations may have added columns before: none is named here.
TABLES = (("leaf_image", "page_image"), ("leaf", "page"))
_COLUMN = ("leaf_id", "page_id")


def upgrade() -> None:
    """Rename the tables with every row in them, and the table that a damaged file is reported under."""
    before = _counts(former for former, _new in TABLES)
    if op.get_bind().dialect.name == "sqlite":
        _rename_sqlite()
    else:
        _rename_postgresql()
    if _counts(new for _former, new in TABLES) != before:
        raise RuntimeError("the renamed tables do not hold as many rows as before")


def _counts(names: Iterable[str]) -> list[int]:
    return [op.get_bind().scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0 for name in names]


def renamed(text: str) -> str:
    """Return an SQL text or a name with the new names, those of constraints and indexes included."""
    return re.sub(r"(?<![A-Za-z])leaf(?=_id\b|_image|_|\b)", "page", text)


def _rename_sqlite() -> None:
    """Create each table anew from its own definition: SQLite cannot rename the constraints of a table."""
    bind = op.get_bind()
    tables = [former for former, _new in reversed(TABLES)]
    master = sa.text(
        "SELECT sql FROM sqlite_master WHERE tbl_name = :name AND sql IS NOT NULL AND type IN ('table', 'index') ORDER BY type DESC"
    )
    for name in tables:
        statements = [row.sql for row in bind.execute(master, {"name": name})]
        columns = [row.name for row in bind.execute(sa.text(f"PRAGMA table_info({name})"))]
        bind.exec_driver_sql(renamed(statements[0]))
        new = ", ".join(f'"{renamed(column)}"' for column in columns)
        old = ", ".join(f'"{column}"' for column in columns)
        bind.exec_driver_sql(f"INSERT INTO {renamed(name)} ({new}) SELECT {old} FROM {name}")  # noqa: S608 - names of the schema  # nosec B608
        for text in statements[1:]:
            bind.exec_driver_sql(renamed(text))
    for name in reversed(tables):
        bind.exec_driver_sql(f"DROP TABLE {name}")


def _rename_postgresql() -> None:
    for former, new in TABLES:
        op.rename_table(former, new)
    op.alter_column("page_image", _COLUMN[0], new_column_name=_COLUMN[1])
    constraints = sa.text(
        "SELECT conname FROM pg_constraint WHERE conrelid = to_regclass(:name) AND conname LIKE '%leaf%' ORDER BY conname"
    )
    indexes = sa.text(
        "SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid"
        " WHERE x.indrelid = to_regclass(:name) AND i.relname LIKE '%leaf%' ORDER BY i.relname"
    )
    for _former, new in TABLES:
        for name in op.get_bind().scalars(constraints, {"name": new}).all():
            op.execute(f'ALTER TABLE {new} RENAME CONSTRAINT "{name}" TO "{renamed(name)}"')
        for name in op.get_bind().scalars(indexes, {"name": new}).all():
            op.execute(f'ALTER INDEX "{name}" RENAME TO "{renamed(name)}"')
