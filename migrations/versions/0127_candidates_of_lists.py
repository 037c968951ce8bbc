"""A candidacy keeps the telephone of its candidate, and the group with which they come."""

import sqlalchemy as sa
from alembic import op

revision = "0127"
down_revision = "0126"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty in the rows of before."""
    op.add_column("candidacy", sa.Column("phone", sa.String(40), nullable=True))
    op.add_column("candidacy", sa.Column("group_name", sa.String(200), nullable=True))
