"""Candidacies ordered together from a spreadsheet, with what became of each line."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0092"
down_revision = "0091"
branch_labels = None
depends_on = None

OUTCOMES = ("opened", "refused", "failed")


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "bulk_opening",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("shared", sa.JSON(), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("bulk_opening", "body_id", "certifying_body"),
        _key("bulk_opening", "ordered_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_opening")),
    )
    op.create_index("ix_bulk_opening_ended_at", "bulk_opening", ["ended_at", "ordered_at"])
    outcome = sa.Enum(*OUTCOMES, name="outcome", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "bulk_opening_line",
        sa.Column("opening_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", outcome, nullable=True),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _key("bulk_opening_line", "opening_id", "bulk_opening"),
        _key("bulk_opening_line", "candidacy_id", "candidacy"),
        sa.PrimaryKeyConstraint("opening_id", "rank", name=op.f("pk_bulk_opening_line")),
    )
    op.create_index(op.f("ix_bulk_opening_line_candidacy_id"), "bulk_opening_line", ["candidacy_id"])
    op.create_index("ix_bulk_opening_line_outcome", "bulk_opening_line", ["opening_id", "outcome", "rank"])
