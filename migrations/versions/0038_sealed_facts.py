"""The ledger records the rows of three tables that had no identity; the outcome of the checks is kept."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

TABLES = ("submitted_block", "candidacy_block", "accompaniment")
GUARDED = "submitted_block"


def upgrade() -> None:
    """Give each row an identity, guard again what was guarded, and make the tables of the checks."""
    dialect = op.get_bind().dialect.name
    _drop_guard(dialect)
    for table in TABLES:
        op.add_column(table, sa.Column("id", sa.Uuid(), nullable=True))
        op.execute(f"UPDATE {table} SET id = {_RANDOM[dialect]}")  # nosec B608
        with op.batch_alter_table(table) as changed:
            changed.alter_column("id", nullable=False)
            changed.create_unique_constraint(op.f(f"uq_{table}_id"), ["id"])
    for statement in create_trigger_statements(dialect, GUARDED):
        op.execute(statement)
    _make_tables()


_RANDOM = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}


def _drop_guard(dialect: str) -> None:
    place = f" ON {GUARDED}" if dialect == "postgresql" else ""
    verbs = ("update", "delete", "truncate") if dialect == "postgresql" else ("update", "delete")
    for verb in verbs:
        op.execute(f"DROP TRIGGER IF EXISTS {GUARDED}_no_{verb}{place}")


def _make_tables() -> None:
    op.create_table(
        "integrity_check",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ledger", sa.Boolean(), nullable=True),
        sa.Column("grants", sa.Boolean(), nullable=True),
        sa.Column("files", sa.Boolean(), nullable=True),
        sa.Column("files_until", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_integrity_check")),
    )
    op.create_index(op.f("ix_integrity_check_ended_at"), "integrity_check", ["ended_at"])
    op.create_table(
        "damaged_file",
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=True),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_damaged_file_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_damaged_file_candidacy_id")),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_damaged_file")),
    )
