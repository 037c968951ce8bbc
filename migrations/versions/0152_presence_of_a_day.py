"""A presence is signed for one day: who signed for a day that changed signs again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0152"
down_revision = "0151"
branch_labels = None
depends_on = None

TABLE = "presence_signature"


def upgrade() -> None:
    """Add the day, which signatures of before do not say, and let a person sign once a day."""
    with op.batch_alter_table(TABLE) as table:
        table.add_column(sa.Column("signed_for", sa.Date(), nullable=True))
        table.drop_constraint(op.f(f"uq_{TABLE}_session_id_person_id"), type_="unique")
        table.create_unique_constraint(
            op.f(f"uq_{TABLE}_session_id_person_id_signed_for"), ["session_id", "person_id", "signed_for"]
        )
    if op.get_bind().dialect.name == "sqlite":  # the table was copied, without its guards
        for statement in create_trigger_statements("sqlite", TABLE):
            op.execute(statement)
