"""A refusal without a recommendation says why."""

from __future__ import annotations

from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, in statements that both engines know: the tables keep their triggers."""
    for table in ("decision_draft", "block_decision"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN no_recommendation TEXT")
