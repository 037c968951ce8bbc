"""The relations that a member denied when they declared: any before, personal ones alone where teachers sit."""

from __future__ import annotations

from alembic import op

revision = "0100"
down_revision = "0099"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty in statements made before: they denied any relation.

    No batch: rebuilding the table would drop the triggers that guard it.
    """
    check = "CONSTRAINT ck_juror_statement_relation CHECK (relation IN ('any', 'personal'))"
    op.execute(f"ALTER TABLE juror_statement ADD COLUMN relation VARCHAR(40) {check}")
