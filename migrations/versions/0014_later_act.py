"""What is done later to something granted."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "later_act",
        sa.Column(
            "kind",
            sa.Enum(
                "suspension",
                "confirmation",
                "annulment",
                "withdrawal",
                "rectification",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("minutes_id", sa.Uuid(), nullable=True),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("heard_on", sa.Date(), nullable=True),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("kind <> 'withdrawal' OR heard_on IS NOT NULL", name=op.f("ck_later_act_withdrawal_hears")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_later_act_has_reason")),
        sa.CheckConstraint("(minutes_id IS NULL) <> (grant_id IS NULL)", name=op.f("ck_later_act_one_target")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_later_act_decided_by")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_later_act_grant_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_later_act_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_later_act")),
        sa.UniqueConstraint("grant_id", "rank", name=op.f("uq_later_act_grant_id_rank")),
        sa.UniqueConstraint("minutes_id", "rank", name=op.f("uq_later_act_minutes_id_rank")),
    )
    op.create_index(op.f("ix_later_act_grant_id"), "later_act", ["grant_id"], unique=False)
    op.create_index(op.f("ix_later_act_minutes_id"), "later_act", ["minutes_id"], unique=False)
