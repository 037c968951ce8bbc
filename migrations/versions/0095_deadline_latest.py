"""Index delays by the last day of their longest reading: the first that passed by both are found without reading the others."""

from __future__ import annotations

from alembic import op

revision = "0095"
down_revision = "0094"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the index."""
    op.create_index("ix_open_deadline_latest", "open_deadline", ["body_id", "kind", "latest", "candidacy_id"])
