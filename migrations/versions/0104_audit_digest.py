"""A digest of each day of the audit log; the outcome of the check of the database and of that log."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0104"
down_revision = "0103"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, guard it, and add what a night's checks say of the database and of the log."""
    op.create_table(
        "audit_digest",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("event_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_digest")),
        sa.UniqueConstraint("day", name=op.f("uq_audit_digest_day")),
        sa.UniqueConstraint("last_seq", name=op.f("uq_audit_digest_last_seq")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, "audit_digest"):
        op.execute(statement)
    # No batch: the processes of the version before go on writing to this table.
    op.add_column("integrity_check", sa.Column("audit_day", sa.Date(), nullable=True))
    op.add_column(
        "integrity_check", sa.Column("database", sa.Boolean(), nullable=False, server_default=sa.true())
    )
