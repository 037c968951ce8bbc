"""A letter records that its address does not exist, or that it cannot be written."""

from __future__ import annotations

from alembic import op

revision = "0098"
down_revision = "0097"
branch_labels = None
depends_on = None

FAILURES = ("unreachable", "certificate", "no_tls", "login", "refused", "no_such_address", "unwritable")


def upgrade() -> None:
    """Widen the list of failures."""
    with op.batch_alter_table("outgoing_email") as table:
        table.drop_constraint(op.f("ck_outgoing_email_failure"), type_="check")
        table.create_check_constraint(op.f("ck_outgoing_email_failure"), f"failure IN {FAILURES}")
