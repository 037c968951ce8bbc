"""Certifications, their versions, blocks and competencies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "certification",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("successor_code", sa.String(length=40), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certification_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification")),
        sa.UniqueConstraint("body_id", "code", name=op.f("uq_certification_body_id_code")),
    )
    op.create_table(
        "certification_version",
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("entry", sa.JSON(), nullable=False),
        sa.Column("read_digest", sa.String(length=64), nullable=False),
        sa.Column("settled_doubts", sa.JSON(), nullable=False),
        sa.Column("corrects_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("level", sa.String(length=20), nullable=False),
        sa.Column(
            "decision_rule",
            sa.Enum("every", "threshold", "mean", name="decision_rule", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("decision_threshold", sa.Integer(), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"], ["certification.id"], name=op.f("fk_certification_version_certification_id")
        ),
        sa.ForeignKeyConstraint(["corrects_id"], ["certification_version.id"], name=op.f("fk_certification_version_corrects_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certification_version")),
        sa.UniqueConstraint("certification_id", "number", name=op.f("uq_certification_version_certification_id_number")),
    )
    op.create_table(
        "block",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("assessments", sa.JSON(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_block_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_block")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_block_version_id_number")),
    )
    op.create_table(
        "registration_period",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_registration_period_in_order")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_registration_period_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration_period")),
    )
    op.create_index(op.f("ix_registration_period_version_id"), "registration_period", ["version_id"], unique=False)
    op.create_table(
        "competency",
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_competency_block_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_competency")),
        sa.UniqueConstraint("block_id", "number", name=op.f("uq_competency_block_id_number")),
    )
