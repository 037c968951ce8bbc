"""A candidacy may hold the birth of its candidate, which the certificate prints (domain §7)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; candidacies opened before say nothing of it, and their certificates bear the name alone."""
    op.add_column("candidacy", sa.Column("born_on", sa.Date(), nullable=True))
    op.add_column("candidacy", sa.Column("birth_place", sa.String(200), nullable=True))
    op.add_column("candidacy", sa.Column("birth_name", sa.String(200), nullable=True))
