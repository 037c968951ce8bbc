"""The dossiers of an advisor by their next delay."""

from __future__ import annotations

from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    op.create_index("ix_candidacy_listing_board", "candidacy_listing", ["advisor_id", "deadline_on", "candidacy_id"])
