"""Certificates as strangers' tools read them, signed once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0122"
down_revision = "0121"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and guard it: what was signed is given for ever. The worker signs what was issued before."""
    table = "verifiable_credential"
    op.create_table(
        table,
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("status_list", sa.Integer(), nullable=False),
        sa.Column("status_index", sa.Integer(), nullable=False),
        sa.Column("holder_salt", sa.String(64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["certificate_id"], ["certificate.id"], name=op.f("fk_verifiable_credential_certificate_id_certificate")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verifiable_credential")),
        sa.UniqueConstraint("certificate_id", name=op.f("uq_verifiable_credential_certificate_id")),
        sa.UniqueConstraint(
            "status_list", "status_index", name=op.f("uq_verifiable_credential_status_list_status_index")
        ),
    )
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
