"""Papers of certificates as the seal of the body closed them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0125"
down_revision = "0124"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and guard it. The worker seals what was signed before, once there is a certificate of seal."""
    table = "certificate_seal"
    op.create_table(
        table,
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("file_key", sa.String(80), nullable=False),
        sa.Column("file_size", sa.BigInteger(), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("sealed_by", sa.String(300), nullable=False),
        sa.Column("valid_until", UtcDateTime(), nullable=False),
        sa.Column("is_timestamped", sa.Boolean(), nullable=False),
        sa.Column("sealed_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_seal_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_certificate_seal")),
        sa.UniqueConstraint("certificate_id", "sequence", name=op.f("uq_certificate_seal_certificate_id_sequence")),
        sa.UniqueConstraint("file_key", name=op.f("uq_certificate_seal_file_key")),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
