"""The dossiers of an advisor by their next delay."""

from __future__ import annotations

from alembic import op

revision = "0086"
down_revision = "0085"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_candidacy_listing_board", "candidacy_listing", ["advisor_id", "deadline_on", "candidacy_id"])
