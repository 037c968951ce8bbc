"""The look of the documents of a certifying body: its logo and its accent colour, from a moment on."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0089"
down_revision = "0088"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table; the database refuses to change its rows."""
    op.create_table(
        "body_look",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("logo", sa.LargeBinary(), nullable=True),
        sa.Column("logo_mime", sa.String(40), nullable=False),
        sa.Column("logo_width", sa.Integer(), nullable=False),
        sa.Column("logo_height", sa.Integer(), nullable=False),
        sa.Column("accent", sa.String(7), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_body_look")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_body_look_body_id")),
        sa.ForeignKeyConstraint(["chosen_by"], ["person.id"], name=op.f("fk_body_look_chosen_by")),
        sa.UniqueConstraint("body_id", "revision", name=op.f("uq_body_look_body_id_revision")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, "body_look"):
        op.execute(statement)
