"""A body keeps the proof that the letter of a result was received."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0118"
down_revision = "0117"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and guard it: a proof is written once."""
    table = "notification_receipt"
    op.create_table(
        table,
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("registered_number", sa.String(40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", UtcDateTime(), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["notification_id"],
            ["result_notification.id"],
            name=op.f("fk_notification_receipt_notification_id_result_notification"),
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by"], ["person.id"], name=op.f("fk_notification_receipt_recorded_by_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_receipt")),
        sa.UniqueConstraint(
            "notification_id",
            "registered_number",
            name=op.f("uq_notification_receipt_notification_id_registered_number"),
        ),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
