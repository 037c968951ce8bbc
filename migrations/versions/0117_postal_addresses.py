"""Candidates and jurors have a postal address, for the letters that go on paper."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0117"
down_revision = "0116"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the addresses; nobody has one before it is typed."""
    op.add_column("candidacy", sa.Column("postal_address", sa.Text(), nullable=True))
    op.add_column("juror", sa.Column("postal_address", sa.Text(), nullable=False, server_default=""))
