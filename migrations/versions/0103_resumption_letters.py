"""Keep for which day of resumption a suspended jury and its candidate were last written, and how many times."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0103"
down_revision = "0102"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty."""
    op.add_column("adjournment", sa.Column("written_for", sa.Date(), nullable=True))
    op.add_column("adjournment", sa.Column("written_times", sa.Integer(), nullable=True))
