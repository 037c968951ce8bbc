"""Facts refuse to be changed, by whatever route."""

from __future__ import annotations

from alembic import op

from portfolio.append_only import statements

revision = "0014"
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Install the triggers."""
    for statement in statements(op.get_bind().dialect.name):
        op.execute(statement)
