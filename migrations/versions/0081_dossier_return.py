"""Dossiers returned for completion, and which sealed version a member of a jury read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0081"
down_revision = "0080"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables; add a column without making the guarded table again, and let each version be read once."""
    _create_tables()
    kind = "UUID" if op.get_bind().dialect.name == "postgresql" else "CHAR(32)"
    op.execute(
        f"ALTER TABLE juror_statement ADD COLUMN submission_id {kind} "
        "CONSTRAINT fk_juror_statement_submission_id REFERENCES submission (id)"
    )
    op.drop_index("uq_juror_statement_once", table_name="juror_statement")
    for name, columns, condition in (
        ("uq_juror_statement_declared", ["hearing_id", "person_id"], "kind = 'no_relation'"),
        ("uq_juror_statement_read", ["hearing_id", "person_id", "submission_id"], "kind = 'read'"),
    ):
        where = sa.text(condition)
        op.create_index(name, "juror_statement", columns, unique=True, sqlite_where=where, postgresql_where=where)


def _create_tables() -> None:
    op.create_table(
        "dossier_return",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=False),
        sa.Column("answer_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("returned_by", sa.Uuid(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=True),
        sa.Column("ending", sa.Enum("submitted", "lifted", name="ending", native_enum=False, create_constraint=True, length=40), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_dossier_return_has_reason")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier_return")),
        sa.UniqueConstraint("candidacy_id", "is_open", name=op.f("uq_dossier_return_candidacy_id_is_open")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_dossier_return_{column}"))
            for column, table in (
                ("candidacy_id", "candidacy"),
                ("submission_id", "submission"),
                ("answer_id", "submission"),
                ("returned_by", "person"),
            )
        ),
    )
    op.create_index(op.f("ix_dossier_return_submission_id"), "dossier_return", ["submission_id"])
    op.create_table(
        "return_request",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("return_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("competency_id", sa.Uuid(), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("trim(text) <> ''", name=op.f("ck_return_request_has_text")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_return_request")),
        sa.UniqueConstraint("return_id", "rank", name=op.f("uq_return_request_return_id_rank")),
        sa.ForeignKeyConstraint(["return_id"], ["dossier_return.id"], name=op.f("fk_return_request_return_id")),
        sa.ForeignKeyConstraint(["competency_id"], ["competency.id"], name=op.f("fk_return_request_competency_id")),
    )
