"""A second factor, sessions that say where they come from, an address that changes, the rights of the members of a body."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0067"
down_revision = "0066"
branch_labels = None
depends_on = None

RIGHTS = ("manager", "signatory", "reader")


def upgrade() -> None:
    """Add the tables and the columns; members of before keep every right."""
    op.create_table(
        "second_factor",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("secret", sa.LargeBinary(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_period", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_second_factor_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factor")),
        sa.UniqueConstraint("person_id", name=op.f("uq_second_factor_person_id")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("person_id", "code_digest", name=op.f("uq_recovery_code_person_id_code_digest")),
    )
    op.create_table(
        "email_change",
        sa.Column("token_digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_email_change_person_id")),
        sa.PrimaryKeyConstraint("token_digest", name=op.f("pk_email_change")),
    )
    op.create_index(op.f("ix_email_change_person_id"), "email_change", ["person_id"])
    right = sa.Enum(*RIGHTS, name="member_right", native_enum=False, create_constraint=True, length=40)
    with op.batch_alter_table("body_member") as table:
        table.add_column(sa.Column("member_right", right, nullable=True))
        table.add_column(sa.Column("added_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("login_session", sa.Column("browser", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("login_session", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
