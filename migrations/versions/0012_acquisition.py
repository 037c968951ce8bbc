"""Blocks acquired by other routes, and what blocks of two versions are worth."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "acquisition",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("acquired_on", sa.Date(), nullable=False),
        sa.Column("obtained_at", sa.Text(), nullable=False),
        sa.Column("verified_by", sa.Uuid(), nullable=False),
        sa.Column("verified_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_mime", sa.String(length=200), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(length=64), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_acquisition_block_id")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_acquisition_candidacy_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_acquisition_person_id")),
        sa.ForeignKeyConstraint(["verified_by"], ["person.id"], name=op.f("fk_acquisition_verified_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acquisition")),
        sa.UniqueConstraint("file_key", name=op.f("uq_acquisition_file_key")),
    )
    op.create_index(op.f("ix_acquisition_candidacy_id"), "acquisition", ["candidacy_id"], unique=False)
    op.create_index(op.f("ix_acquisition_person_id"), "acquisition", ["person_id"], unique=False)
    op.create_table(
        "equivalence",
        sa.Column("held_id", sa.Uuid(), nullable=False),
        sa.Column("counts_for_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("identical", "partial", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("declared_on", sa.Date(), nullable=False),
        sa.Column("declared_by", sa.Uuid(), nullable=False),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("held_id <> counts_for_id", name=op.f("ck_equivalence_two_blocks")),
        sa.ForeignKeyConstraint(["counts_for_id"], ["block.id"], name=op.f("fk_equivalence_counts_for_id")),
        sa.ForeignKeyConstraint(["declared_by"], ["person.id"], name=op.f("fk_equivalence_declared_by")),
        sa.ForeignKeyConstraint(["held_id"], ["block.id"], name=op.f("fk_equivalence_held_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_equivalence")),
        sa.UniqueConstraint("held_id", "counts_for_id", name=op.f("uq_equivalence_held_id_counts_for_id")),
    )
    op.create_index(op.f("ix_equivalence_counts_for_id"), "equivalence", ["counts_for_id"], unique=False)
