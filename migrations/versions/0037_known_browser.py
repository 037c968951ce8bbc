"""Throttle by network address, and the browsers in which a person has logged in."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the address of a try, and the table of known browsers; tries counted so far have no address."""
    with op.batch_alter_table("login_try") as table:
        table.add_column(sa.Column("address_digest", sa.LargeBinary(length=32), nullable=True))
    op.create_index("ix_login_try_address_at", "login_try", ["address_digest", "tried_at"], unique=False)
    op.create_table(
        "known_browser",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("known_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_known_browser_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_known_browser")),
    )
    op.create_index(op.f("ix_known_browser_person_id"), "known_browser", ["person_id"], unique=False)
