"""Who opened what of whom, for two days, and what was told of it (trust.md §6)."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the two tables; nothing was counted before."""
    op.create_table(
        "opening",
        sa.Column("seq", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("thing", sa.String(32), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_opening_reader_id")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_opening_body_id")),
        sa.ForeignKeyConstraint(["subject_id"], ["person.id"], name=op.f("fk_opening_subject_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_opening")),
        sa.UniqueConstraint(
            "reader_id", "body_id", "subject_id", "thing", "hour", name=op.f("uq_opening_reader_id_body_id_subject_id_thing_hour")
        ),
    )
    op.create_index("ix_opening_reader_body_at", "opening", ["reader_id", "body_id", "at"])
    op.create_table(
        "reading_alert",
        sa.Column("reader_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["reader_id"], ["person.id"], name=op.f("fk_reading_alert_reader_id")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_reading_alert_body_id")),
        sa.PrimaryKeyConstraint("reader_id", "body_id", "day", name=op.f("pk_reading_alert")),
    )
