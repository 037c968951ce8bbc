"""The regions and the quoted passages that a claim names, and the version of the file that its author had before them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for the claims made before."""
    with op.batch_alter_table("claim") as table:
        table.add_column(sa.Column("anchors", sa.JSON(), nullable=True))
        table.add_column(sa.Column("file_version", sa.Integer(), nullable=True))
