"""A body knows people by the names it typed, whatever name their account bears."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of candidacies opened and members named before, the name of the account goes on standing."""
    op.add_column("candidacy", sa.Column("candidate_named", sa.String(200), nullable=True))
    op.add_column("candidacy", sa.Column("advisor_named", sa.String(200), nullable=True))
    op.add_column("member", sa.Column("named", sa.String(200), nullable=True))
