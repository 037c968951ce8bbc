"""Accommodations for disability: what is asked, and what is decided."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0136"
down_revision = "0135"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "accommodation",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcDateTime(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_accommodation_candidacy_id_candidacy")),
        sa.ForeignKeyConstraint(["asked_by"], ["person.id"], name=op.f("fk_accommodation_asked_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation")),
    )
    op.create_index(op.f("ix_accommodation_candidacy_id"), "accommodation", ["candidacy_id"])
    outcome = sa.Enum("granted", "refused", name="outcome", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "accommodation_decision",
        sa.Column("accommodation_id", sa.Uuid(), nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.Column("arrangements", sa.Text(), nullable=False),
        sa.Column("extra_minutes", sa.Integer(), nullable=False),
        sa.Column("interpreter", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["accommodation_id"],
            ["accommodation.id"],
            name=op.f("fk_accommodation_decision_accommodation_id_accommodation"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_accommodation_decision_decided_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accommodation_decision")),
        sa.UniqueConstraint("accommodation_id", name=op.f("uq_accommodation_decision_accommodation_id")),
    )
