"""The letter that says to a person that a jury met without them is kept, as the other letters are."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0114"
down_revision = "0113"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and guard it: a letter is written once."""
    op.create_table(
        "absence_letter",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("written_at", UtcDateTime(), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_absence_letter_minutes_id_minutes")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_absence_letter_written_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absence_letter")),
        sa.UniqueConstraint("minutes_id", name=op.f("uq_absence_letter_minutes_id")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, "absence_letter"):
        op.execute(statement)
