"""Keep the rhythm that a candidate chose, and the letters about a silence."""

import sqlalchemy as sa
from alembic import op

revision = "0131"
down_revision = "0130"
branch_labels = None
depends_on = None

REASONS = ("time", "words", "evidence", "money", "alone", "other_project", "other")


def upgrade() -> None:
    """Add the table of rhythms, and the choices about these letters."""
    reason = sa.Enum(*REASONS, name="left_reason", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "pace",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("target_on", sa.Date(), nullable=True),
        sa.Column("session_id", sa.Uuid(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_reason", reason, nullable=True),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_pace_candidacy_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_pace_session_id")),
        sa.PrimaryKeyConstraint("candidacy_id", name=op.f("pk_pace")),
    )
    op.create_index(op.f("ix_pace_session_id"), "pace", ["session_id"], unique=False)
    op.add_column(
        "notification_preference", sa.Column("silence_letters", sa.Boolean(), server_default=sa.true(), nullable=False)
    )
    op.add_column(
        "notification_preference", sa.Column("silence_hour", sa.Integer(), server_default=sa.text("18"), nullable=False)
    )
