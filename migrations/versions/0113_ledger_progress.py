"""Keep how far the nightly checks have read the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0113"
down_revision = "0112"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty: the first night reads the whole."""
    op.add_column("integrity_check", sa.Column("ledger_head", sa.BigInteger(), nullable=True))
    op.add_column("integrity_check", sa.Column("ledger_old", sa.BigInteger(), nullable=True))
