"""A member of a body is given tasks, each limited to some certifications or not.

Rows without tasks keep their meaning: a manager and a signatory have every task, a reader reads.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0116"
down_revision = "0115"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tasks."""
    op.add_column("certifying_body_member", sa.Column("tasks", sa.JSON(), nullable=True))
