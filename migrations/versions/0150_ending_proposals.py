"""Let a second member confirm what ends a right otherwise than on a grant."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0150"
down_revision = "0149"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the proposals, and keep with each act who confirmed it, empty."""
    table = "ending_proposal"
    people = ("proposed_by", "closed_by")
    subjects = {
        "holding_id": "prior_holding",
        "equivalence_id": "equivalence",
        "group_equivalence_id": "group_equivalence",
    }
    one_subject = " + ".join(f"(CASE WHEN {column} IS NULL THEN 0 ELSE 1 END)" for column in subjects) + " = 1"
    op.create_table(
        "ending_proposal",
        *(sa.Column(column, sa.Uuid(), nullable=True) for column in subjects),
        sa.Column(
            "ruling",
            sa.Enum(
                "identical", "partial", "none", name="ruling", native_enum=False, create_constraint=True, length=40
            ),
            nullable=True,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_on", sa.Date(), nullable=False),
        sa.Column("file_key", sa.String(length=80), nullable=True),
        sa.Column("file_name", sa.Text(), nullable=True),
        sa.Column("file_mime", sa.String(length=200), nullable=True),
        sa.Column("file_size", sa.BigInteger(), nullable=True),
        sa.Column("file_sha256", sa.String(length=64), nullable=True),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.Column("is_confirmed", sa.Boolean(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint(one_subject, name=op.f(f"ck_{table}_one_subject")),
        sa.CheckConstraint("trim(reason) <> ''", name=op.f(f"ck_{table}_has_reason")),
        *(
            sa.ForeignKeyConstraint([column], [f"{parent}.id"], name=op.f(f"fk_{table}_{column}"))
            for column, parent in subjects.items()
        ),
        *(sa.ForeignKeyConstraint([column], ["person.id"], name=op.f(f"fk_{table}_{column}")) for column in people),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    waits = sa.text("closed_at IS NULL")
    for column in subjects:
        op.create_index(op.f(f"ix_{table}_{column}"), "ending_proposal", [column], unique=False)
        name = f"uq_{table}_{column}"
        op.create_index(name, "ending_proposal", [column], unique=True, sqlite_where=waits, postgresql_where=waits)
    for recorded in ("prior_holding_end", "equivalence", "group_equivalence"):
        op.add_column(recorded, sa.Column("confirmed_by", sa.Uuid(), nullable=True))
