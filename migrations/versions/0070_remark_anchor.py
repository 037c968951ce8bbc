"""The piece, and the place in it, that a message between advisor and candidate is about."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0070"
down_revision = "0069"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for the messages written before."""
    with op.batch_alter_table("remark") as table:
        table.add_column(sa.Column("evidence_id", sa.Uuid(), nullable=True))
        table.add_column(sa.Column("anchor", sa.JSON(), nullable=True))
        table.create_foreign_key(op.f("fk_remark_evidence_id"), "evidence", ["evidence_id"], ["id"], ondelete="SET NULL")
        table.create_index("ix_remark_evidence", ["evidence_id"])
