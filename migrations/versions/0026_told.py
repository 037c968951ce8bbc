"""A mark keeps what was before its advisor, so that a text saved again as it was leaves the mark as it stands."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; marks made before have none: for them every change counts, as it did."""
    op.add_column("mark", sa.Column("told", sa.JSON(), nullable=True))
