"""A ruling says which delay it is about; the journal is asked what one person did."""

from __future__ import annotations

from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column with its check, in one statement that both engines know: the table keeps its triggers."""
    op.execute(
        "ALTER TABLE lapse_ruling ADD COLUMN clock VARCHAR(40) "
        "CONSTRAINT ck_lapse_ruling_clock CHECK (clock IN ('first_step', 'jury', 'notification'))"
    )
    op.create_index("ix_journal_line_actor_id", "journal_line", ["actor_id"])
