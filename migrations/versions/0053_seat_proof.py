"""Who appointed a member of a jury, and what shows the quality that their seat asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty for the members named before: their box that was ticked still counts."""
    op.add_column("member", sa.Column("appointed_by", sa.String(300), nullable=True))
    op.add_column("member", sa.Column("quality_basis", sa.String(500), nullable=True))
