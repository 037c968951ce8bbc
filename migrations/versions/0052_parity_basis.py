"""Among whom a jury's parity is counted; empty in the rules published before, which ask it of the named and of the present."""

from __future__ import annotations

from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None

CHECK = "CONSTRAINT ck_jury_rule_line_basis CHECK (basis IN ('named', 'present'))"


def upgrade() -> None:
    """Add the column without making the table again: the triggers that guard it would be lost."""
    op.execute(f"ALTER TABLE jury_rule_line ADD COLUMN basis VARCHAR(40) {CHECK}")
