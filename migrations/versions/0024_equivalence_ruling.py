"""An equivalence may be ruled again: a later ruling replaces the one before it, and « none » is a ruling too."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

KINDS = "kind IN ('identical', 'partial', 'none')"
FIRST = sa.text("replaces_id IS NULL")


def upgrade() -> None:
    """Let a ruling refer to the one it replaces; put back the guards that a table made again has lost."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("ck_equivalence_kind"), "equivalence", type_="check")
        op.drop_constraint(op.f("uq_equivalence_held_id_counts_for_id"), "equivalence", type_="unique")
        op.create_check_constraint(op.f("ck_equivalence_kind"), "equivalence", KINDS)
        op.add_column("equivalence", sa.Column("replaces_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f("fk_equivalence_replaces_id"), "equivalence", "equivalence", ["replaces_id"], ["id"])
        op.create_unique_constraint(op.f("uq_equivalence_replaces_id"), "equivalence", ["replaces_id"])
    else:
        with op.batch_alter_table("equivalence", recreate="always") as table:
            table.drop_constraint(op.f("uq_equivalence_held_id_counts_for_id"), type_="unique")
            table.drop_constraint(op.f("ck_equivalence_kind"), type_="check")
            table.create_check_constraint(op.f("ck_equivalence_kind"), KINDS)
            table.add_column(sa.Column("replaces_id", sa.Uuid(), nullable=True))
            table.create_foreign_key(op.f("fk_equivalence_replaces_id"), "equivalence", ["replaces_id"], ["id"])
            table.create_unique_constraint(op.f("uq_equivalence_replaces_id"), ["replaces_id"])
        for statement in create_trigger_statements("sqlite", "equivalence"):
            op.execute(statement)
    op.create_index(
        "uq_equivalence_first",
        "equivalence",
        ["held_id", "counts_for_id"],
        unique=True,
        sqlite_where=FIRST,
        postgresql_where=FIRST,
    )
