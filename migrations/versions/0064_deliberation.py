"""The deliberation: opinions, the interview sheet, ballots and votes, adjournments, departures of members."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Create the tables, empty for the hearings held before."""
    _create_opinions()
    _create_interview()
    _create_ballots()
    _create_course()


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=op.f(f"uq_{table}_{'_'.join(columns)}"))


def _ids(table: str) -> tuple[sa.schema.SchemaItem, ...]:
    return (sa.Column("id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")))


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[sa.Uuid]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _create_opinions() -> None:
    op.create_table(
        "juror_opinion",
        _uuid("hearing_id"),
        _uuid("person_id"),
        _uuid("competency_id"),
        sa.Column("value", _codes("value", "acquired", "partially", "not_acquired"), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        *_ids("juror_opinion"),
        _key("juror_opinion", "hearing_id", "hearing"),
        _key("juror_opinion", "person_id", "person"),
        _key("juror_opinion", "competency_id", "competency"),
        _unique("juror_opinion", "hearing_id", "person_id", "competency_id"),
    )
    op.create_table(
        "opinions_given",
        _uuid("hearing_id"),
        _uuid("person_id"),
        sa.Column("given_at", MOMENT, nullable=False),
        *_ids("opinions_given"),
        _key("opinions_given", "hearing_id", "hearing"),
        _key("opinions_given", "person_id", "person"),
        _unique("opinions_given", "hearing_id", "person_id"),
    )
    op.create_table(
        "opinions_opened",
        _uuid("hearing_id"),
        sa.Column("opened_at", MOMENT, nullable=False),
        _uuid("opened_by", nullable=True),
        *_ids("opinions_opened"),
        _key("opinions_opened", "hearing_id", "hearing"),
        _key("opinions_opened", "opened_by", "person"),
        _unique("opinions_opened", "hearing_id"),
    )


def _create_interview() -> None:
    op.create_table(
        "interview_entry",
        _uuid("hearing_id"),
        _uuid("competency_id", nullable=True),
        sa.Column("kind", _codes("kind", "interview", "practical_case"), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("heard", sa.Text(), nullable=False),
        _uuid("asked_by", nullable=True),
        _uuid("written_by"),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        *_ids("interview_entry"),
        _key("interview_entry", "hearing_id", "hearing"),
        _key("interview_entry", "competency_id", "competency"),
        _key("interview_entry", "asked_by", "person"),
        _key("interview_entry", "written_by", "person"),
        sa.CheckConstraint("trim(heard) <> ''", name=op.f("ck_interview_entry_has_answer")),
    )
    op.create_index(op.f("ix_interview_entry_hearing_id"), "interview_entry", ["hearing_id"])


def _create_ballots() -> None:
    op.create_table(
        "ballot",
        _uuid("hearing_id"),
        _uuid("block_id"),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("opened_at", MOMENT, nullable=False),
        _uuid("opened_by"),
        sa.Column("closed_at", MOMENT, nullable=True),
        *_ids("ballot"),
        _key("ballot", "hearing_id", "hearing"),
        _key("ballot", "block_id", "block"),
        _key("ballot", "opened_by", "person"),
        _unique("ballot", "hearing_id", "block_id", "round"),
    )
    op.create_table(
        "member_vote",
        _uuid("ballot_id"),
        _uuid("person_id"),
        sa.Column("choice", _codes("choice", "for", "against", "abstain"), nullable=False),
        sa.Column("cast_at", MOMENT, nullable=False),
        *_ids("member_vote"),
        _key("member_vote", "ballot_id", "ballot"),
        _key("member_vote", "person_id", "person"),
        _unique("member_vote", "ballot_id", "person_id"),
    )


def _create_course() -> None:
    op.create_table(
        "adjournment",
        _uuid("hearing_id"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("resumes_on", sa.Date(), nullable=True),
        sa.Column("adjourned_at", MOMENT, nullable=False),
        _uuid("adjourned_by"),
        sa.Column("resumed_at", MOMENT, nullable=True),
        _uuid("resumed_by", nullable=True),
        *_ids("adjournment"),
        _key("adjournment", "hearing_id", "hearing"),
        _key("adjournment", "adjourned_by", "person"),
        _key("adjournment", "resumed_by", "person"),
    )
    op.create_index(op.f("ix_adjournment_hearing_id"), "adjournment", ["hearing_id"])
    op.create_table(
        "attendance_change",
        _uuid("hearing_id"),
        _uuid("person_id"),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        _uuid("noted_by"),
        *_ids("attendance_change"),
        _key("attendance_change", "hearing_id", "hearing"),
        _key("attendance_change", "person_id", "person"),
        _key("attendance_change", "noted_by", "person"),
    )
    op.create_index(op.f("ix_attendance_change_hearing_id"), "attendance_change", ["hearing_id"])
