"""A body says its SIRET, by which the register names its certifiers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0112"
down_revision = "0111"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the SIRET; a body without one is recognised by its name."""
    op.add_column("certifying_body", sa.Column("siret", sa.String(14), nullable=True))
