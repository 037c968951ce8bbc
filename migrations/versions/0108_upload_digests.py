"""Keep the SHA-256 of the parts of an upload that went to an S3."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0108"
down_revision = "0107"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty: uploads on their way end as they began."""
    op.add_column("upload", sa.Column("digests", sa.JSON(), nullable=True))
