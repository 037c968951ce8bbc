"""A presence is signed for one day: signatures of before do not say which."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0152"
down_revision = "0151"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the day."""
    op.add_column("presence_signature", sa.Column("signed_for", sa.Date(), nullable=True))
