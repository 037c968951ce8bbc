"""Appeals name the blocks that they contest and end: granted by two members, they annul decisions of blocks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0101"
down_revision = "0100"
branch_labels = None
depends_on = None

MOMENT = sa.DateTime(timezone=True)
JSON_COLUMNS = (
    ("appeal", "block_ids"),
    ("appeal", "words"),
    ("appeal_answer", "block_ids"),
    ("appeal_answer", "words"),
)
REFERENCES = (
    ("appeal_answer", "confirmed_by", "person"),
    ("submission", "renews_id", "submission"),
    ("grant_status_change", "block_id", "block"),
    ("grant_status_change", "appeal_id", "appeal"),
)
BLOCK_OF_MINUTES = (
    "CONSTRAINT ck_grant_status_change_block_of_minutes CHECK (block_id IS NULL OR minutes_id IS NOT NULL)"
)


def upgrade() -> None:
    """Add the columns, empty for the acts recorded before, and the table of what waits for a second member."""
    dialect = op.get_bind().dialect.name
    identity = "CHAR(32)" if dialect == "sqlite" else "UUID"
    # No batch: rebuilding a table would drop the triggers that guard it.
    for table, column in JSON_COLUMNS:
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} JSON")
    op.execute("ALTER TABLE appeal_answer ADD COLUMN is_for_bias BOOLEAN")
    for table, column, target in REFERENCES:
        name = f"fk_{table}_{column}"
        check = f" {BLOCK_OF_MINUTES}" if column == "block_id" else ""
        op.execute(
            f"ALTER TABLE {table} ADD COLUMN {column} {identity} CONSTRAINT {name} REFERENCES {target} (id){check}"
        )
    op.create_table(
        "appeal_grant_proposal",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("appeal_id", sa.Uuid(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("block_ids", sa.JSON(), nullable=True),
        sa.Column("is_for_bias", sa.Boolean(), nullable=False),
        sa.Column("proposed_at", MOMENT, nullable=False),
        sa.Column("proposed_by", sa.Uuid(), nullable=False),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appeal_grant_proposal")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=op.f(f"fk_appeal_grant_proposal_{column}")
            )
            for column, target in (
                ("appeal_id", "appeal"),
                ("proposed_by", "person"),
                ("closed_by", "person"),
            )
        ),
    )
    open_only = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_appeal_grant_proposal_pending",
        "appeal_grant_proposal",
        ["appeal_id"],
        unique=True,
        sqlite_where=open_only,
        postgresql_where=open_only,
    )
