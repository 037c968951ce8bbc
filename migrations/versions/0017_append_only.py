"""Facts refuse to be changed, by whatever route."""

from __future__ import annotations

from alembic import op

from portfolio.db.append_only import statements

revision = "0017"
down_revision = '0016'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Install the triggers."""
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)
