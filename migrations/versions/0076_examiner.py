"""Who examined a candidate, as a person known here; empty where the name was typed."""

from __future__ import annotations

from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column without making the table again: the triggers that guard it would be lost."""
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE assessment_result ADD COLUMN examiner_id {kind} "
        "CONSTRAINT fk_assessment_result_examiner_id REFERENCES person (id)"
    )
