"""Complaints that a body receives, and the delay of answer that it announces."""

import sqlalchemy as sa
from alembic import op

revision = "0126"
down_revision = "0125"
branch_labels = None
depends_on = None

CHANNELS = ("account", "letter", "email", "telephone", "in_person")
SUBJECTS = ("information", "delays", "support", "session", "accessibility", "personal_data", "costs", "other")
OUTCOMES = ("founded", "partly", "unfounded")


def _one_of(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Add the table of complaints and the delay of a body."""
    people = ("recorded_by", "answered_by", "closed_by")
    op.create_table(
        "complaint",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column("author", sa.String(length=300), nullable=False),
        sa.Column("contact", sa.String(length=300), nullable=False),
        sa.Column("channel", _one_of("channel", CHANNELS), nullable=False),
        sa.Column("subject", _one_of("subject", SUBJECTS), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("outcome", _one_of("outcome", OUTCOMES), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(
            "answered_at IS NOT NULL OR closed_at IS NULL", name=op.f("ck_complaint_closed_once_answered")
        ),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_complaint_body_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_complaint_candidacy_id")),
        *(
            sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_complaint_{name}"))
            for name in people
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint")),
    )
    op.create_index(op.f("ix_complaint_body_id"), "complaint", ["body_id"], unique=False)
    op.create_index(op.f("ix_complaint_candidacy_id"), "complaint", ["candidacy_id"], unique=False)
    op.add_column("certifying_body_settings", sa.Column("complaint_days", sa.Integer(), nullable=True))
