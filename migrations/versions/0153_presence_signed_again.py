"""Who signed for a day that changed signs again for another: the bound of one signature a session widens.

A process of the version before works on under the wider bound: it asks in its own code whether somebody has signed.
"""

from __future__ import annotations

from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0153"
down_revision = "0152"
branch_labels = None
depends_on = None
EXPANDED_IN = "0152"

TABLE = "presence_signature"


def upgrade() -> None:
    """Let a person sign once a day."""
    with op.batch_alter_table(TABLE) as table:
        table.create_unique_constraint(
            op.f(f"uq_{TABLE}_session_id_person_id_signed_for"), ["session_id", "person_id", "signed_for"]
        )
        table.drop_constraint(op.f(f"uq_{TABLE}_session_id_person_id"), type_="unique")
    if op.get_bind().dialect.name == "sqlite":  # the table was copied, without its guards
        for statement in create_trigger_statements("sqlite", TABLE):
            op.execute(statement)
