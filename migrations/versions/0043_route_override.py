"""Why a candidacy was opened by a route that the register entry closes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the reason; candidacies opened before have none."""
    with op.batch_alter_table("candidacy") as table:
        table.add_column(sa.Column("route_override", sa.Text(), nullable=True))
