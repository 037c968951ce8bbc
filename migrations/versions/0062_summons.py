"""The summons of candidates and members, with the letters of each and what people answered."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty: letters written before carry no calendar file."""
    op.create_table(
        "summons",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "summoned_as",
            sa.Enum("candidate", "juror", name="summoned_as", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("hearing_id", sa.Uuid(), nullable=True),
        sa.Column(
            "method",
            sa.Enum("request", "cancel", name="method", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_whole_day", sa.Boolean(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("video_link", sa.String(length=500), nullable=False),
        sa.Column("answer_key", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "answer",
            sa.Enum("received", "cannot_come", name="answer", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by"], ["person.id"], name=op.f("fk_summons_answered_by")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_summons_hearing_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_summons_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_summons_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summons")),
        sa.UniqueConstraint("hearing_id", name=op.f("uq_summons_hearing_id")),
        sa.UniqueConstraint("session_id", "person_id", "summoned_as", name=op.f("uq_summons_session_id_person_id_summoned_as")),
    )
    op.create_index(op.f("ix_summons_person_id"), "summons", ["person_id"])
    op.create_index(op.f("ix_summons_run_after"), "summons", ["run_after"])
    op.create_table(
        "summons_email",
        sa.Column("summons_id", sa.Uuid(), nullable=False),
        sa.Column("email_id", sa.Uuid(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "first", "changed", "cancelled", "reminder", name="reason", native_enum=False, create_constraint=True, length=40
            ),
            nullable=False,
        ),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["email_id"], ["mail.id"], name=op.f("fk_summons_email_email_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["summons_id"], ["summons.id"], name=op.f("fk_summons_email_summons_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_summons_email")),
    )
    op.create_index(op.f("ix_summons_email_email_id"), "summons_email", ["email_id"])
    op.create_index(op.f("ix_summons_email_summons_id"), "summons_email", ["summons_id"])
