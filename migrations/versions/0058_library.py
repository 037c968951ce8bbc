"""« Ne pas joindre », and what a removed piece needs to come back: the claims that it had."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the mark of a piece that is kept out of the deposit, and the table of the claims of removed pieces."""
    with op.batch_alter_table("evidence") as table:
        table.add_column(sa.Column("is_left_out", sa.Boolean(), nullable=True))
    op.create_table(
        "removed_claims",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("claims", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("evidence_id", name=op.f("pk_removed_claims")),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_removed_claims_evidence_id"), ondelete="CASCADE"
        ),
    )
