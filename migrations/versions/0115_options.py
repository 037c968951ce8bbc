"""A block may belong to an option: the whole asks for the common blocks and for so many of the options."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0115"
down_revision = "0114"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add two columns that stay empty for every block published before: the whole asks for all of them."""
    op.add_column("block", sa.Column("option", sa.String(80), nullable=True))
    op.add_column("block", sa.Column("options_needed", sa.Integer(), nullable=True))
