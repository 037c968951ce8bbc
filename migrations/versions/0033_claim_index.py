"""The matrix finds what it reads of claims in an index, whatever their texts weigh."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Give the claims of a candidacy their two indexes; the narrow one that began like them goes."""
    op.create_index("ix_claim_matrix", "claim", ["candidacy_id", "competency_id", "evidence_id", "id", "revision"])
    without = sa.text("comment = ''")
    op.create_index("ix_claim_bare", "claim", ["candidacy_id", "competency_id"], sqlite_where=without, postgresql_where=without)
    op.drop_index("ix_claim_candidacy_id", "claim")
