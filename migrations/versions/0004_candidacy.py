"""Candidacies and the blocks they ask for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "candidacy",
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("advisor_id", sa.Uuid(), nullable=True),
        sa.Column(
            "route",
            sa.Enum(
                "initial_training",
                "apprenticeship",
                "continuing_training",
                "professionalisation_contract",
                "individual",
                "vae",
                name="route",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column(
            "regime",
            sa.Enum("france_vae", "cerfa", "other", name="regime", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "scope",
            sa.Enum("whole", "blocks", name="scope", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("admissible_on", sa.Date(), nullable=False),
        sa.Column("expiry_override", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["advisor_id"], ["person.id"], name=op.f("fk_candidacy_advisor_id")),
        sa.ForeignKeyConstraint(["candidate_id"], ["person.id"], name=op.f("fk_candidacy_candidate_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_candidacy_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_candidacy")),
    )
    op.create_index(op.f("ix_candidacy_advisor_id"), "candidacy", ["advisor_id"], unique=False)
    op.create_index(op.f("ix_candidacy_candidate_id"), "candidacy", ["candidate_id"], unique=False)
    op.create_index(op.f("ix_candidacy_version_id"), "candidacy", ["version_id"], unique=False)
    op.create_table(
        "candidacy_block",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_candidacy_block_block_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_candidacy_block_candidacy_id")),
        sa.PrimaryKeyConstraint("candidacy_id", "block_id", name=op.f("pk_candidacy_block")),
    )
    op.create_table(
        "lapse_ruling",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("legitimate", "lapsed", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_lapse_ruling_has_reason")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_lapse_ruling_candidacy_id")),
        sa.ForeignKeyConstraint(["decided_by"], ["person.id"], name=op.f("fk_lapse_ruling_decided_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lapse_ruling")),
    )
    op.create_index(op.f("ix_lapse_ruling_candidacy_id"), "lapse_ruling", ["candidacy_id"], unique=False)
