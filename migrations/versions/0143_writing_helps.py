"""The helps that a candidate used to write: dictation, a transcribed voice, reading aloud."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0143"
down_revision = "0142"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, empty for what was written before."""
    op.add_column("dossier", sa.Column("helps", sa.JSON(), nullable=False, server_default="[]"))
