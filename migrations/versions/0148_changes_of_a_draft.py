"""Say what has changed in a draft without reading its rows."""

from alembic import op

from portfolio.db.concurrent_index import create_index_while_in_use

revision = "0148"
down_revision = "0147"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes that hold all that is asked."""
    create_index_while_in_use(op, "ix_claim_changes", "claim", ["candidacy_id", "revision", "changed_at"])
    said = ["candidacy_id", "revision", "changed_at", "removed_at", "is_left_out", "id"]
    create_index_while_in_use(op, "ix_evidence_changes", "evidence", said)
