"""Keep what a vote of a jury gave when it was closed, and what settled a tie: a decision reads it from then on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0099"
down_revision = "0098"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; a vote closed before has neither, and the jury votes again if its minutes are open."""
    with op.batch_alter_table("ballot") as table:
        table.add_column(sa.Column("outcome", _codes("outcome", "validated", "not_validated"), nullable=True))
        settled = _codes("tie_break", "president", "abstention", "no_casting_vote")
        table.add_column(sa.Column("tie_break", settled, nullable=True))


def _codes(name: str, *codes: str) -> sa.Enum:
    return sa.Enum(*codes, name=name, native_enum=False, create_constraint=True, length=40)
