"""Sessions, members, hearings, findings and drafts of decisions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "jury_session",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("held_on", sa.Date(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("external_months", sa.Integer(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("parity_reason", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_jury_session_body_id")),
        sa.ForeignKeyConstraint(["version_id"], ["certification_version.id"], name=op.f("fk_jury_session_version_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_session")),
    )
    op.create_index(op.f("ix_jury_session_body_id"), "jury_session", ["body_id"], unique=False)
    op.create_table(
        "jury_paper",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("mime", sa.String(length=200), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["received_by"], ["person.id"], name=op.f("fk_jury_paper_received_by")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_jury_paper_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jury_paper")),
        sa.UniqueConstraint("key", name=op.f("uq_jury_paper_key")),
    )
    op.create_index(op.f("ix_jury_paper_session_id"), "jury_paper", ["session_id"], unique=False)
    op.create_table(
        "hearing",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("stands", sa.Boolean(), nullable=True),
        sa.Column(
            "attendance",
            sa.Enum("heard", "absent", "excused", name="attendance", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_hearing_session_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_hearing_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hearing")),
        sa.UniqueConstraint("session_id", "submission_id", name=op.f("uq_hearing_session_id_submission_id")),
        sa.UniqueConstraint("submission_id", "stands", name=op.f("uq_hearing_submission_id_stands")),
    )
    op.create_table(
        "member",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "seat",
            sa.Enum(
                "president",
                "employee_representative",
                "director_or_delegate",
                "teacher_trainer",
                "pedagogical_manager",
                "employer_representative",
                "external_professional",
                name="seat",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=False,
        ),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("quality", sa.String(length=300), nullable=False),
        sa.Column(
            "gender",
            sa.Enum("woman", "man", "unsaid", name="gender", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column(
            "college",
            sa.Enum("employers", "employees", "none", name="college", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("in_activity", sa.Boolean(), nullable=False),
        sa.Column("is_director", sa.Boolean(), nullable=False),
        sa.Column("delegated_from", sa.Date(), nullable=True),
        sa.Column("delegated_until", sa.Date(), nullable=True),
        sa.Column("qualified", sa.Boolean(), nullable=False),
        sa.Column("appointed_on", sa.Date(), nullable=True),
        sa.Column("appointed_by_director", sa.Boolean(), nullable=False),
        sa.Column("appointment_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["appointment_id"], ["jury_paper.id"], name=op.f("fk_member_appointment_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_member_person_id")),
        sa.ForeignKeyConstraint(["session_id"], ["jury_session.id"], name=op.f("fk_member_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f("uq_member_session_id_person_id")),
        sa.UniqueConstraint("session_id", "seat", "rank", name=op.f("uq_member_session_id_seat_rank")),
    )
    op.create_index(op.f("ix_member_person_id"), "member", ["person_id"], unique=False)
    op.create_table(
        "decision_draft",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("block_id", sa.Uuid(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum("validated", "not_validated", name="outcome", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("override_reason", sa.Text(), nullable=False),
        sa.Column("recommendation", sa.Text(), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["block_id"], ["block.id"], name=op.f("fk_decision_draft_block_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_decision_draft_hearing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_draft")),
        sa.UniqueConstraint("hearing_id", "block_id", name=op.f("uq_decision_draft_hearing_id_block_id")),
    )
    op.create_table(
        "finding",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=False),
        sa.Column(
            "value",
            sa.Enum("acquired", "partially", "not_acquired", name="value", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "ground",
            sa.Enum(
                "demonstrated_at_interview",
                "demonstrated_in_work_simulation",
                "other",
                name="ground",
                native_enum=False,
                create_constraint=True,
                length=40,
            ),
            nullable=True,
        ),
        sa.Column("ground_text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_finding_competency_id")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_finding_hearing_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_finding")),
        sa.UniqueConstraint("hearing_id", "competency_id", name=op.f("uq_finding_hearing_id_competency_id")),
    )
    op.create_table(
        "juror_statement",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("no_relation", "recusal", "read", name="kind", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=True),
        sa.Column("paper_id", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_juror_statement_hearing_id")),
        sa.ForeignKeyConstraint(["paper_id"], ["jury_paper.id"], name=op.f("fk_juror_statement_paper_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_juror_statement_person_id")),
        sa.ForeignKeyConstraint(["recorded_by"], ["person.id"], name=op.f("fk_juror_statement_recorded_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_juror_statement")),
        sa.UniqueConstraint("hearing_id", "person_id", "kind", name=op.f("uq_juror_statement_hearing_id_person_id_kind")),
    )
    op.create_index(op.f("ix_juror_statement_person_id"), "juror_statement", ["person_id"], unique=False)
    op.create_table(
        "member_tie",
        sa.Column("member_id", sa.Uuid(), nullable=False),
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
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_member_tie_member_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member_tie")),
    )
    op.create_index(op.f("ix_member_tie_member_id"), "member_tie", ["member_id"], unique=False)
    op.create_table(
        "presence",
        sa.Column("hearing_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["checked_by"], ["person.id"], name=op.f("fk_presence_checked_by")),
        sa.ForeignKeyConstraint(["hearing_id"], ["hearing.id"], name=op.f("fk_presence_hearing_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_presence_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_presence")),
        sa.UniqueConstraint("hearing_id", "person_id", name=op.f("uq_presence_hearing_id_person_id")),
    )
