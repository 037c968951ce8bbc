"""Links to the page of a certificate that its holder gives, and withdraws."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.engine import UtcDateTime

revision = "0139"
down_revision = "0138"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "certificate_share",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("token", sa.String(40), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_share_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_share")),
        sa.UniqueConstraint("token", name=op.f("uq_certificate_share_token")),
    )
    op.create_index(op.f("ix_certificate_share_certificate_id"), "certificate_share", ["certificate_id"])
