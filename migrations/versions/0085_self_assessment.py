"""What a candidate thinks of their own mastery of a competency, and the hints that they set aside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0085"
down_revision = "0084"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "self_assessment",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column("value", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("value IN ('able', 'partly', 'not_yet')", name=op.f("ck_self_assessment_value")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_self_assessment_candidacy_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_self_assessment_competency_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "competency_id", name=op.f("pk_self_assessment")),
    )
    op.create_table(
        "dismissed_hint",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("dismissed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["evidence_id"], ["evidence.id"], name=op.f("fk_dismissed_hint_evidence_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("evidence_id", "hint", name=op.f("pk_dismissed_hint")),
    )
