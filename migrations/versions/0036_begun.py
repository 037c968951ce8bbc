"""How often a file was begun without a word from whoever began it: one that ends every worker is refused."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

REASONS = "reason IN ('no_original', 'too_heavy', 'not_made', 'fell', 'unreadable')"


def upgrade() -> None:
    """Add the count, and the reason; whoever begins nothing now has begun nothing yet."""
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f("ck_rendition_reason"), type_="check")
        table.create_check_constraint(op.f("ck_rendition_reason"), REASONS)
        table.add_column(sa.Column("begun", sa.Integer(), nullable=False, server_default="0"))
    with op.batch_alter_table("rendition") as table:
        table.alter_column("begun", server_default=None)
