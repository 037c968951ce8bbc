"""The hours of a session and of each hearing, what the summons says, a cancelled session, and the type of an attachment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, empty in every row: sessions planned before have a day and a place only."""
    op.add_column("hearing", sa.Column("start_minute", sa.Integer(), nullable=True))
    op.add_column("hearing", sa.Column("end_minute", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("start_minute", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("end_minute", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("interview_minutes", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("pause_minutes", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("lunch_start_minute", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("lunch_end_minute", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("video_link", sa.String(length=500), nullable=True))
    op.add_column("jury_session", sa.Column("to_bring", sa.Text(), nullable=True))
    op.add_column("jury_session", sa.Column("day_contact", sa.String(length=300), nullable=True))
    op.add_column("jury_session", sa.Column("schedule_revision", sa.Integer(), nullable=True))
    op.add_column("jury_session", sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("jury_session", sa.Column("cancel_reason", sa.Text(), nullable=True))
    op.add_column("mail_attachment", sa.Column("media_type", sa.String(length=100), nullable=True))
