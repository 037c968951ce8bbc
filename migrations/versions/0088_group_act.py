"""Acts ordered for many candidacies at once, with what became of each."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0088"
down_revision = "0087"
branch_labels = None
depends_on = None

KINDS = ("invite", "assign", "write")
OUTCOMES = ("done", "erased", "closed", "has_come", "same_advisor", "same_person", "refused", "failed")


def _codes(values: tuple[str, ...], name: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def _key(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "group_act",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes(KINDS, "kind"), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("advisor_name", sa.String(length=200), nullable=False),
        sa.Column("advisor_email", sa.String(length=254), nullable=False),
        sa.Column("ordered_by", sa.Uuid(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        _key("group_act", "body_id", "certifying_body"),
        _key("group_act", "ordered_by", "person"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_act")),
    )
    op.create_index("ix_group_act_ended_at", "group_act", ["ended_at", "ordered_at"])
    op.create_table(
        "group_act_line",
        sa.Column("act_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("outcome", _codes(OUTCOMES, "outcome"), nullable=True),
        sa.Column("refusal", sa.String(length=60), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        _key("group_act_line", "act_id", "group_act"),
        _key("group_act_line", "candidacy_id", "candidacy"),
        sa.PrimaryKeyConstraint("act_id", "candidacy_id", name=op.f("pk_group_act_line")),
    )
    op.create_index(op.f("ix_group_act_line_candidacy_id"), "group_act_line", ["candidacy_id"])
    op.create_index("ix_group_act_line_outcome", "group_act_line", ["act_id", "outcome", "rank"])
