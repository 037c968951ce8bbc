"""Documents made from a dossier: requested, made by a worker, kept by the root of what they print."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
KINDS = "kind IN ('reading', 'archival', 'booklet', 'zip', 'francevae', 'draft')"
STATES = "state IN ('waiting', 'making', 'ready', 'failed', 'cancelled')"


def upgrade() -> None:
    """Add the table of the editions."""
    op.create_table(
        "book_edition",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("candidacy_id", sa.Uuid(), nullable=False),
        sa.Column("submission_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("root", sa.String(64), nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.Column("run_after", MOMENT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("key", sa.String(200), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_book_edition")),
        sa.ForeignKeyConstraint(["candidacy_id"], ["candidacy.id"], name=op.f("fk_book_edition_candidacy_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_book_edition_submission_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_book_edition_requested_by")),
        sa.UniqueConstraint("root", "kind", name=op.f("uq_book_edition_root_kind")),
        sa.UniqueConstraint("key", name=op.f("uq_book_edition_key")),
        sa.CheckConstraint(KINDS, name=op.f("ck_book_edition_kind")),
        sa.CheckConstraint(STATES, name=op.f("ck_book_edition_state")),
    )
    for column in ("candidacy_id", "submission_id", "run_after"):
        op.create_index(op.f(f"ix_book_edition_{column}"), "book_edition", [column])
