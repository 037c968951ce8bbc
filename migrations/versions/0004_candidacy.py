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
