"""A certifying body writes its own information pages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None

KINDS = ("help", "legal_notice", "personal_data", "accessibility")


def upgrade() -> None:
    """Add the table of the texts."""
    op.create_table(
        "information_page",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=True, length=40), nullable=False
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("body_id", "kind", name=op.f("pk_information_page")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_information_page_body_id")),
    )
