"""What juries decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "minutes",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_by", sa.Uuid(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum("heard", "absent", "excused", name="attendance", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("composition", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["closed_by"], ["person.id"], name=op.f("fk_minutes_closed_by")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_minutes_hearing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_minutes_hearing_id")),
        sa.UniqueConstraint("number", name=op.f("uq_minutes_number")),
    )
    op.create_table(
        "block_decision",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("validated", "not_validated", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("outcome <> 'not_validated' OR trim(reason) <> ''", name=op.f("ck_block_decision_refusal_has_reason")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_block_decision_block_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_block_decision_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_decision")),
        sa.UniqueConstraint("minutes_id", "block_id", name=op.f("uq_block_decision_minutes_id_block_id")),
    )
    op.create_table(
        "competency_finding",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum("acquired", "partially", "not_acquired", name="value", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "demonstrated_at_interview",
                "demonstrated_in_work_simulation",
                "other",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ground_text", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_competency_finding_competency_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_competency_finding_minutes_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency_finding")),
        sa.UniqueConstraint("minutes_id", "competency_id", name=op.f("uq_competency_finding_minutes_id_competency_id")),
    )
    op.create_table(
        "minutes_rectification",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("written_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_rectification_minutes_id")),
        sa.ForeignKeyConstraint(["written_by"], ["person.id"], name=op.f("fk_minutes_rectification_written_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_rectification")),
    )
    op.create_index(op.f("ix_minutes_rectification_minutes_id"), "minutes_rectification", ["minutes_id"], unique=False)
