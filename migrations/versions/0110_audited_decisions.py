"""A run of the checks keeps what contradicts closed minutes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0110"
down_revision = "0109"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Earlier runs did not look for it: nothing is known of them."""
    op.add_column("integrity_check", sa.Column("decisions", sa.JSON(), nullable=True))
