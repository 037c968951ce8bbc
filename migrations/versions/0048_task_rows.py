"""Rows are the task queue: priorities, requested pages, periodic runs and the heartbeat of the workers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
# Pending renditions recorded before have no page that somebody waits for: 1 is `Priority.NORMAL`.
PRIORITY = sa.Column("priority", sa.Integer(), nullable=False, server_default="1")


def upgrade() -> None:
    """Add the tables and the priority, and drop the tables of the former queue on PostgreSQL: they held hints only."""
    with op.batch_alter_table("rendition") as table:
        table.add_column(PRIORITY)
    with op.batch_alter_table("rendition") as table:
        table.alter_column("priority", server_default=None)
    pending = sa.text("due_at IS NOT NULL")
    op.create_index(
        "ix_rendition_pending", "rendition", ["priority", "due_at"], sqlite_where=pending, postgresql_where=pending
    )
    op.create_table(
        "page_request",
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("rendition_id", "number", name=op.f("pk_page_request")),
        sa.ForeignKeyConstraint(
            ["rendition_id"], ["rendition.id"], name=op.f("fk_page_request_rendition_id"), ondelete="CASCADE"
        ),
    )
    for name, moment in (("periodic_run", "run_after"), ("heartbeat", "seen_at")):
        op.create_table(
            name,
            sa.Column("name", sa.String(60), nullable=False),
            sa.Column(moment, MOMENT, nullable=False),
            sa.PrimaryKeyConstraint("name", name=op.f(f"pk_{name}")),
        )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SCHEMA IF EXISTS acquis_queue CASCADE")
