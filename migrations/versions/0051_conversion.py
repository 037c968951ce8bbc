"""What is made of a file before its pages are drawn, or before it is played: a PDF, or a recording that browsers play."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

REASONS = "reason IN ('no_original', 'too_heavy', 'not_made', 'fell', 'unreadable', 'no_converter')"


def upgrade() -> None:
    """Add the columns, empty for what was drawn before, and the reason that names a program which is missing."""
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f("ck_rendition_reason"), type_="check")
        table.create_check_constraint(op.f("ck_rendition_reason"), REASONS)
        table.add_column(sa.Column("media_type", sa.String(200), nullable=True))
        table.add_column(sa.Column("pages", sa.Integer(), nullable=True))
        table.add_column(sa.Column("seconds", sa.Integer(), nullable=True))
        table.add_column(sa.Column("converter", sa.String(40), nullable=True))
        table.add_column(sa.Column("is_cut", sa.Boolean(), nullable=True))
        table.add_column(sa.Column("contents", sa.JSON(), nullable=True))
