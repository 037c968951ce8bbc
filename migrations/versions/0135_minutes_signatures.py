"""Every member signs the minutes, with their password or a passkey."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0135"
down_revision = "0134"
branch_labels = None
depends_on = None

METHODS = ("password", "password_and_code", "passkey")


def upgrade() -> None:
    """Create the table and guard it."""
    table = "minutes_signature"
    method = sa.Enum(*METHODS, name="method", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "minutes_signature",
        sa.Column("minutes_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("method", method, nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("credential_public", sa.LargeBinary(2000), nullable=True),
        sa.Column("client_data", sa.LargeBinary(4000), nullable=True),
        sa.Column("authenticator_data", sa.LargeBinary(2000), nullable=True),
        sa.Column("signature", sa.LargeBinary(2000), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["minutes_id"], ["minutes.id"], name=op.f("fk_minutes_signature_minutes_id_minutes")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_minutes_signature_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_minutes_signature")),
        sa.UniqueConstraint("minutes_id", "person_id", name=op.f("uq_minutes_signature_minutes_id_person_id")),
    )
    op.create_index(op.f("ix_minutes_signature_person_id"), "minutes_signature", ["person_id"])
    for statement in create_trigger_statements(op.get_bind().dialect.name, table):
        op.execute(statement)
