"""A shared employer as a conflict of its own, set aside by the body with its reason; who wrote the drafts of a deliberation."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0091"
down_revision = "0090"
branch_labels = None
depends_on = None

DRAFTS = ("finding", "decision_draft")


def upgrade() -> None:
    """Add the columns; every conflict recorded so far was recorded by a body, and stays until the body removes it."""
    op.add_column("juror_conflict", sa.Column("organisation", sa.String(300), nullable=False, server_default=""))
    op.add_column("juror_conflict", sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True))
    _add_person("juror_conflict", "lifted_by")
    op.add_column("juror_conflict", sa.Column("lift_reason", sa.Text(), nullable=False, server_default=""))
    for table in DRAFTS:
        _add_person(table, "written_by")


def _add_person(table: str, column: str) -> None:
    """Add a reference to a person; SQLite declares it with the column, since a table that has triggers is not rebuilt."""
    name = op.f(f"fk_{table}_{column}")
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f'ALTER TABLE "{table}" ADD COLUMN {column} CHAR(32) CONSTRAINT {name} REFERENCES person (id)')
        return
    op.add_column(table, sa.Column(column, sa.Uuid(), nullable=True))
    op.create_foreign_key(name, table, "person", [column], ["id"])
