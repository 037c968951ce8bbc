"""Sign-ins by OpenID providers that are under way, and what closes their sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0078"
down_revision = "0077"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "provider_login",
        sa.Column("state_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("nonce", sa.String(length=64), nullable=False),
        sa.Column("code_verifier", sa.String(length=128), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("invitation_digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("issuer", sa.String(length=300), nullable=True),
        sa.Column("subject", sa.String(length=255), nullable=True),
        sa.Column("label", sa.String(length=300), nullable=True),
        sa.Column("id_token", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_provider_login_person_id")),
        sa.PrimaryKeyConstraint("state_digest", name=op.f("pk_provider_login")),
    )
    op.create_index(op.f("ix_provider_login_expires_at"), "provider_login", ["expires_at"])
    op.create_table(
        "provider_session",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("provider", sa.String(length=30), nullable=False),
        sa.Column("id_token", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["token_digest"], ["login_session.token_digest"], name=op.f("fk_provider_session_token_digest")
        ),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_provider_session")),
    )
