"""Retention: periods of a body, holds, requests, erasures, and the order by which the database blanks the words of a fact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.erasable import erasure_statements, restore_statements

revision = "0080"
down_revision = "0079"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = ("drafts", "sealed", "decisions", "access")
GROUNDS = (
    "after_decision",
    "after_closure",
    "inactive",
    "awaits_decision",
    "awaits_notification",
    "permanent",
    "rolling",
    "erased",
)
TABLES = ("retention_clock", "erased_row", "erased_file", "erasure", "erasure_request", "legal_hold", "retention_settings")


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def _id(table: str) -> tuple[sa.Column[object], sa.PrimaryKeyConstraint]:
    return sa.Column("id", sa.Uuid(), nullable=False), sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}"))


def upgrade() -> None:
    """Create the tables, then let `erased_row` blank the words of guarded rows."""
    _create_settings()
    _create_holds()
    _create_erasures()
    _create_clocks()
    dialect = op.get_bind().dialect.name
    for statement in (*create_trigger_statements(dialect, "erased_row"), *erasure_statements(dialect)):
        op.execute(statement)


def downgrade() -> None:
    """Guard every fact without exception again, and drop the tables."""
    for statement in restore_statements(op.get_bind().dialect.name):
        op.execute(statement)
    for table in TABLES:
        op.drop_table(table)


def _create_settings() -> None:
    numbers = ("appeal_months", "drafts_months", "sealed_months", "inactive_months", "notice_days", "revision")
    op.create_table(
        "retention_settings",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in numbers),
        sa.Column("changed_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("body_id", name=op.f("pk_retention_settings")),
        _key("retention_settings", "body_id", "certifying_body"),
    )


def _create_holds() -> None:
    op.create_table(
        "legal_hold",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", MOMENT, nullable=False),
        sa.Column("placed_by", sa.Uuid(), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=False),
        *_id("legal_hold"),
        _key("legal_hold", "candidacy_id", "candidacy"),
        _key("legal_hold", "placed_by", "person"),
        _key("legal_hold", "ended_by", "person"),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f("ck_legal_hold_has_reason")),
    )
    op.create_index(op.f("ix_legal_hold_candidacy_id"), "legal_hold", ["candidacy_id"])
    op.create_table(
        "erasure_request",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("asked_at", MOMENT, nullable=False),
        sa.Column("answered_at", MOMENT, nullable=True),
        sa.Column("answered_by", sa.Uuid(), nullable=True),
        sa.Column("is_accepted", sa.Boolean(), nullable=True),
        sa.Column("ground", _codes("ground", "legal_claims", "legal_obligation", "public_interest"), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        *_id("erasure_request"),
        _key("erasure_request", "candidacy_id", "candidacy"),
        _key("erasure_request", "answered_by", "person"),
    )
    op.create_index(op.f("ix_erasure_request_candidacy_id"), "erasure_request", ["candidacy_id"])


def _create_erasures() -> None:
    op.create_table(
        "erasure",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("extent", _codes("extent", "drafts", "whole"), nullable=False),
        sa.Column("cause", _codes("cause", "due", "asked"), nullable=False),
        sa.Column("planned_at", MOMENT, nullable=False),
        sa.Column("planned_by", sa.Uuid(), nullable=True),
        sa.Column("run_after", MOMENT, nullable=False),
        sa.Column("rows_at", MOMENT, nullable=True),
        sa.Column("files_at", MOMENT, nullable=True),
        *_id("erasure"),
        _key("erasure", "candidacy_id", "candidacy"),
        _key("erasure", "body_id", "certifying_body"),
        _key("erasure", "planned_by", "person"),
        sa.UniqueConstraint("candidacy_id", "extent", name=op.f("uq_erasure_candidacy_id_extent")),
    )
    op.create_index(op.f("ix_erasure_body_id"), "erasure", ["body_id"])
    op.create_table(
        "erased_file",
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("erasure_id", sa.Uuid(), nullable=False),
        sa.Column("deleted_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("file", name=op.f("pk_erased_file")),
        _key("erased_file", "erasure_id", "erasure"),
    )
    op.create_index(op.f("ix_erased_file_erasure_id"), "erased_file", ["erasure_id"])
    op.create_table(
        "erased_row",
        sa.Column("table_name", sa.String(60), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("replacement", sa.LargeBinary(), nullable=True),
        sa.Column("erased_at", MOMENT, nullable=False),
        *_id("erased_row"),
        sa.UniqueConstraint("row_id", name=op.f("uq_erased_row_row_id")),
    )


def _create_clocks() -> None:
    op.create_table(
        "retention_clock",
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes("kind", *KINDS), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("ground", _codes("ground", *GROUNDS), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("is_held", sa.Boolean(), nullable=False),
        sa.Column("noticed_at", MOMENT, nullable=True),
        sa.Column("noticed_due_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("candidacy_id", "kind", name=op.f("pk_retention_clock")),
        _key("retention_clock", "candidacy_id", "candidacy"),
        _key("retention_clock", "body_id", "certifying_body"),
    )
    op.create_index("ix_retention_clock_list", "retention_clock", ["body_id", "due_on", "candidacy_id", "kind"])
