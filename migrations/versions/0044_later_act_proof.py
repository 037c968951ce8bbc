"""The proof that comes with a later act; acts recorded before have none."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the file, all of it nullable: the ledger says nothing of it for the acts recorded before."""
    op.add_column("later_act", sa.Column("file_key", sa.String(80), nullable=True))
    op.add_column("later_act", sa.Column("file_name", sa.Text(), nullable=True))
    op.add_column("later_act", sa.Column("file_mime", sa.String(200), nullable=True))
    op.add_column("later_act", sa.Column("file_size", sa.BigInteger(), nullable=True))
    op.add_column("later_act", sa.Column("file_sha256", sa.String(64), nullable=True))
