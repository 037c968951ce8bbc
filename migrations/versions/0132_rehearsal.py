"""Keep the answers of a rehearsal."""

import sqlalchemy as sa
from alembic import op

revision = "0132"
down_revision = "0131"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of answers."""
    op.create_table(
        "rehearsal_answer",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("question", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("sound", sa.LargeBinary(), nullable=False),
        sa.Column("media_type", sa.String(length=40), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_rehearsal_answer_candidacy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rehearsal_answer")),
        sa.UniqueConstraint("candidacy_id", "question", name=op.f("uq_rehearsal_answer_candidacy_id_question")),
    )
