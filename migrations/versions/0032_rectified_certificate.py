"""A certificate may rectify the identity that another one prints; both stay."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

FIRST = sa.text("rectifies_id IS NULL")


def upgrade() -> None:
    """Let a certificate refer to the one it rectifies; put back the guards that a table made again has lost."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f("uq_certificate_grant_id"), "certificate", type_="unique")
        op.drop_constraint(op.f("uq_certificate_award_id"), "certificate", type_="unique")
        op.add_column("certificate", sa.Column("rectifies_id", sa.Uuid(), nullable=True))
        op.create_foreign_key(op.f("fk_certificate_rectifies_id"), "certificate", "certificate", ["rectifies_id"], ["id"])
        op.create_unique_constraint(op.f("uq_certificate_rectifies_id"), "certificate", ["rectifies_id"])
    else:
        with op.batch_alter_table("certificate", recreate="always") as table:
            table.drop_constraint(op.f("uq_certificate_grant_id"), type_="unique")
            table.drop_constraint(op.f("uq_certificate_award_id"), type_="unique")
            table.add_column(sa.Column("rectifies_id", sa.Uuid(), nullable=True))
            table.create_foreign_key(op.f("fk_certificate_rectifies_id"), "certificate", ["rectifies_id"], ["id"])
            table.create_unique_constraint(op.f("uq_certificate_rectifies_id"), ["rectifies_id"])
        for statement in create_trigger_statements("sqlite", "certificate"):
            op.execute(statement)
    for column in ("grant_id", "award_id"):
        name = f"uq_certificate_{column}"
        op.create_index(name, "certificate", [column], unique=True, sqlite_where=FIRST, postgresql_where=FIRST)
