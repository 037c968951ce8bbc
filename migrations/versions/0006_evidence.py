"""Pieces of evidence and the versions of their files."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "evidence",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "employer_attestation",
                "third_party_attestation",
                "deliverable",
                "report",
                "plan",
                "budget",
                "dashboard",
                "screenshot",
                "photo",
                "recording",
                "email",
                "meeting_minutes",
                "contract",
                "published_content",
                "web_address",
                "training_certificate",
                "prior_certificate",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("dated_from", sa.Date(), nullable=True),
        sa.Column("dated_to", sa.Date(), nullable=True),
        sa.Column("experience_id", sa.Uuid(), nullable=True),
        sa.Column("own_role", sa.Text(), nullable=False),
        sa.Column(
            "authorship",
            sa.Enum("mine", "shared", "other", name="authorship", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("own_part", sa.Text(), nullable=False),
        sa.Column(
            "confidentiality",
            sa.Enum("open", "restricted", name="confidentiality", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column(
            "anonymity",
            sa.Enum("done", "not_needed", "not_yet", name="anonymity", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("web_address", sa.Text(), nullable=False),
        sa.Column("captured_on", sa.Date(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_evidence_candidacy_id")),
        sa.ForeignKeyConstraint(["experience_id"], ["experience.id"], name=op.f("fk_evidence_experience_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence")),
        sa.UniqueConstraint("candidacy_id", "number", name=op.f("uq_evidence_candidacy_id_number")),
    )
    op.create_table(
        "evidence_file",
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=200), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("size > 0", name=op.f("ck_evidence_file_not_empty")),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name=op.f("fk_evidence_file_evidence_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_file")),
        sa.UniqueConstraint("evidence_id", "number", name=op.f("uq_evidence_file_evidence_id_number")),
        sa.UniqueConstraint("key", name=op.f("uq_evidence_file_key")),
    )
