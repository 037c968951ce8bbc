"""A file may wait for the walls within which it is opened."""

from __future__ import annotations

from alembic import op

revision = "0102"
down_revision = "0101"
branch_labels = None
depends_on = None

REASONS = ("no_original", "too_heavy", "not_made", "fell", "unreadable", "no_converter", "no_wall")


def upgrade() -> None:
    """Widen the list of reasons."""
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f("ck_rendition_failure_reason"), type_="check")
        table.create_check_constraint(op.f("ck_rendition_failure_reason"), f"failure_reason IN {REASONS}")
