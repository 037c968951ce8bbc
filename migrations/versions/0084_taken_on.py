"""The day that a camera wrote into a photograph."""

from __future__ import annotations

from alembic import op

revision = "0084"
down_revision = "0083"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column without making the table again: the triggers that guard it would be lost."""
    op.execute("ALTER TABLE evidence_file ADD COLUMN taken_on DATE")
