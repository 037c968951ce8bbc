"""What was granted, for ever."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "block_grant",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum("jury", "acquisition", "equivalence", name="source", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("minutes_id", sa.Uuid(), nullable=True),
        sa.Column("acquisition_id", sa.Uuid(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(minutes_id IS NULL) <> (acquisition_id IS NULL)", name=op.f("ck_block_grant_one_act")),
        sa.ForeignKeyConstraint(["acquisition_id"], ["acquisition.id"], name=op.f("fk_block_grant_acquisition_id")),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_block_grant_block_id")),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_block_grant_minutes_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_block_grant_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block_grant")),
        sa.UniqueConstraint("person_id", "block_id", "serial", name=op.f("uq_block_grant_person_id_block_id_serial")),
    )
    op.create_table(
        "award",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("completed_by", sa.Uuid(), nullable=False),
        sa.Column("obtained_on", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["completed_by"], ["block_grant.id"], name=op.f("fk_award_completed_by")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_award_person_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_award_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_award")),
        sa.UniqueConstraint("person_id", "version_id", "serial", name=op.f("uq_award_person_id_version_id_serial")),
    )
    op.create_table(
        "certificate",
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("grant_id", sa.Uuid(), nullable=True),
        sa.Column("award_id", sa.Uuid(), nullable=True),
        sa.Column("labels", sa.JSON(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(grant_id IS NULL) <> (award_id IS NULL)", name=op.f("ck_certificate_one_subject")),
        sa.ForeignKeyConstraint(["award_id"], ["award.id"], name=op.f("fk_certificate_award_id")),
        sa.ForeignKeyConstraint(["grant_id"], ["block_grant.id"], name=op.f("fk_certificate_grant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate")),
        sa.UniqueConstraint("award_id", name=op.f("uq_certificate_award_id")),
        sa.UniqueConstraint("grant_id", name=op.f("uq_certificate_grant_id")),
        sa.UniqueConstraint("number", name=op.f("uq_certificate_number")),
    )
