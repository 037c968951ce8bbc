"""After a partial result: blocks kept for later, recommendations done, the advisor's meeting after the jury."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0082"
down_revision = "0081"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty."""
    op.create_table(
        "postponed_block",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("candidacy_id", "block_id", name=op.f("pk_postponed_block")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_postponed_block_candidacy_id")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_postponed_block_block_id")),
    )
    op.create_table(
        "recommendation_done",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("minutes_number", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_done")),
        sa.UniqueConstraint(
            "candidacy_id", "minutes_number", "label", name=op.f("uq_recommendation_done_candidacy_id_minutes_number_label")
        ),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_recommendation_done_candidacy_id")),
    )
    op.create_table(
        "post_jury_meeting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("after_number", sa.Integer(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=False),
        sa.Column("noted_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post_jury_meeting")),
        sa.UniqueConstraint("candidacy_id", "after_number", name=op.f("uq_post_jury_meeting_candidacy_id_after_number")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_post_jury_meeting_candidacy_id")),
        sa.ForeignKeyConstraint(["noted_by"], ["person.id"], name=op.f("fk_post_jury_meeting_noted_by")),
    )
