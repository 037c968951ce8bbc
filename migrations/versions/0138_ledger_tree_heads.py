"""Roots of the ledger for outside witnesses, each with the time-stamp of an authority."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0138"
down_revision = "0137"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and guard it; the worker writes the first root."""
    table = "ledger_tree_head"
    op.create_table(
        table,
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("made_at", UtcDateTime(), nullable=False),
        sa.Column("stamp", sa.LargeBinary(), nullable=True),
        sa.Column("stamped_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("size", name=op.f("pk_ledger_tree_head")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
