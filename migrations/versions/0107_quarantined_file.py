"""Files that the antivirus has not scanned yet are kept apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0107"
down_revision = "0106"
branch_labels = None
depends_on = None

_STATES = ("waiting", "infected", "too_large", "damaged")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "quarantined_file",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("held_key", sa.String(200), nullable=False),
        sa.Column("held_sha256", sa.String(64), nullable=False),
        sa.Column("held_size", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=40),
            nullable=False,
        ),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("run_after", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_quarantined_file_person_id_person")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_quarantined_file")),
    )
    op.create_index(op.f("ix_quarantined_file_run_after"), "quarantined_file", ["run_after"])
