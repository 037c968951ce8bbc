"""The pool of jurors of a body: cards, ties, qualified certifications, availability, conflicts; what juries are paid."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables, empty: members named before stay where they are, and are taken into the pool when asked."""
    op.create_table(
        "juror",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column("profession", sa.String(length=200), nullable=False),
        sa.Column("employer", sa.String(length=300), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column(
            "college",
            sa.Enum("employers", "employees", "none", name="college", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "gender",
            sa.Enum("woman", "man", "unsaid", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("in_activity", sa.Boolean(), nullable=False),
        sa.Column("is_professional", sa.Boolean(), nullable=False),
        sa.Column("is_director", sa.Boolean(), nullable=False),
        sa.Column("delegated_from", sa.Date(), nullable=True),
        sa.Column("delegated_until", sa.Date(), nullable=True),
        sa.Column("seats", sa.JSON(), nullable=False),
        sa.Column(
            "ties_answer",
            sa.Enum("unanswered", "none", "listed", name="ties_answer", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("distance_km", sa.Integer(), nullable=True),
        sa.Column("attends_on_site", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("attends_by_video", sa.Boolean(), nullable=False),
        sa.Column("search_words", sa.String(length=1000), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("filled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("link_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("link_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_juror_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror")),
        sa.UniqueConstraint("body_id", "email", name=op.f("uq_juror_body_id_email")),
        sa.UniqueConstraint("link_hash", name=op.f("uq_juror_link_hash")),
    )
    op.create_table(
        "juror_fees",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("session_cents", sa.Integer(), nullable=False),
        sa.Column("hearing_cents", sa.Integer(), nullable=False),
        sa.Column("km_cents", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_juror_fees_body_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_fees")),
        sa.UniqueConstraint("body_id", name=op.f("uq_juror_fees_body_id")),
    )
    op.create_table(
        "juror_affiliation",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("employment", "mandate", "teaching", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "with_whom",
            sa.Enum(
                "certifier",
                "co_certifier",
                "training_body",
                name="with_whom",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("organisation", sa.String(length=300), nullable=False),
        sa.Column("ended_on", sa.Date(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_juror_affiliation_juror_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_affiliation")),
    )
    op.create_index(op.f("ix_juror_affiliation_juror_id"), "juror_affiliation", ["juror_id"])
    op.create_table(
        "juror_availability",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column(
            "half",
            sa.Enum("morning", "afternoon", name="half", native_enum=False, create_constraint=True, length=40),
            nullable=True,
        ),
        sa.Column("is_available", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_juror_availability_juror_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_availability")),
    )
    op.create_index(op.f("ix_juror_availability_juror_id"), "juror_availability", ["juror_id"])
    op.create_table(
        "juror_conflict",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("candidate_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "collaborator",
                "adviser",
                "institution",
                "personal",
                "other",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("is_pinned", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["candidate_id"], ["person.id"], name=op.f("fk_juror_conflict_candidate_id")),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_juror_conflict_juror_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_juror_conflict_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_conflict")),
        sa.UniqueConstraint("juror_id", "candidate_id", name=op.f("uq_juror_conflict_juror_id_candidate_id")),
    )
    op.create_index(op.f("ix_juror_conflict_candidate_id"), "juror_conflict", ["candidate_id"])
    op.create_table(
        "juror_qualification",
        sa.Column("juror_id", sa.Uuid(), nullable=False),
        sa.Column("certification_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certification_id"], ["certification.id"], name=op.f("fk_juror_qualification_certification_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["juror_id"], ["juror.id"], name=op.f("fk_juror_qualification_juror_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_qualification")),
        sa.UniqueConstraint("juror_id", "certification_id", name=op.f("uq_juror_qualification_juror_id_certification_id")),
    )
    op.create_index(op.f("ix_juror_qualification_certification_id"), "juror_qualification", ["certification_id"])
