"""Groups of candidates of one employer, joined by a code."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0147"
down_revision = "0146"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    group, inside = "candidate_group", "group_membership"
    op.create_table(
        "candidate_group",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("employer", sa.String(300), nullable=False),
        sa.Column("code", sa.String(15), nullable=True),
        sa.Column("link_digest", sa.LargeBinary(32), nullable=True),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["body_id"], ["certifying_body.id"], name=op.f(f"fk_{group}_body_id_certifying_body")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["person.id"], name=op.f(f"fk_{group}_created_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{group}")),
        sa.UniqueConstraint("code", name=op.f(f"uq_{group}_code")),
        sa.UniqueConstraint("link_digest", name=op.f(f"uq_{group}_link_digest")),
    )
    op.create_index(op.f(f"ix_{group}_body_id"), "candidate_group", ["body_id"])
    op.create_table(
        "group_membership",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("joined_at", UtcDateTime(), nullable=False),
        sa.Column("left_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], [f"{group}.id"], name=op.f(f"fk_{inside}_group_id_{group}")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f(f"fk_{inside}_candidacy_id_candidacy")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{inside}")),
    )
    op.create_index(op.f(f"ix_{inside}_group_id"), "group_membership", ["group_id"])
    op.create_index(op.f(f"ix_{inside}_candidacy_id"), "group_membership", ["candidacy_id"])
    still = sa.text("left_at IS NULL")
    op.create_index(
        f"uq_{inside}_in_it",
        "group_membership",
        ["group_id", "candidacy_id"],
        unique=True,
        sqlite_where=still,
        postgresql_where=still,
    )
