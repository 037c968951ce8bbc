"""Records of who opened a dossier are kept for twelve months and read by the person whose dossier it is."""

from __future__ import annotations

from alembic import op

revision = "0068"
down_revision = "0067"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Index the records by the person whose dossier was opened."""
    op.create_index("ix_opening_subject_body_at", "opening", ["subject_id", "body_id", "at"])
