"""Keep with a result where the paper that proves it is."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0145"
down_revision = "0144"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty."""
    op.add_column("assessment_result", sa.Column("proof", sa.String(300), nullable=True))
