"""The second look of a certifier at a closed hearing that was drawn for it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0072"
down_revision = "0071"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table, empty for the hearings closed before."""
    conclusions = sa.Enum(
        "sound", "to_improve", "irregular", name="conclusion", native_enum=False, create_constraint=True, length=40
    )
    op.create_table(
        "hearing_review",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("conclusion", conclusions, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_hearing_review_hearing_id")),
        sa.ForeignKeyConstraint(["reviewed_by"], ["person.id"], name=op.f("fk_hearing_review_reviewed_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing_review")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_hearing_review_hearing_id")),
    )
