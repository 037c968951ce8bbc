"""What pages show of their text, the way in which they were drawn, and how long recordings play."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None

NEW = (
    # Pages drawn before are of an earlier way, whose text is not shown: the worker draws them again.
    ("rendition", sa.Column("method", sa.Integer(), nullable=False, server_default="0")),
    ("leaf", sa.Column("hidden", sa.Integer(), nullable=False, server_default="0")),
)


def upgrade() -> None:
    """Add the columns."""
    for name, column in NEW:
        with op.batch_alter_table(name) as table:
            table.add_column(column)
        with op.batch_alter_table(name) as table:
            table.alter_column(column.name, server_default=None)
    with op.batch_alter_table("evidence_file") as table:
        table.add_column(sa.Column("seconds", sa.Integer(), nullable=True))
