"""Presence signed on the day of a jury, by a code of one's own or on a scanned sheet."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements
from portfolio.db.engine import UtcDateTime

revision = "0146"
down_revision = "0145"
branch_labels = None
depends_on = None


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Create the tables, and guard the signatures."""
    signature, opening = "presence_signature", "presence_opening"
    op.create_table(
        "presence_signature",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("role", _enum("role", "candidate", "juror"), nullable=False),
        sa.Column("hearing_id", sa.Uuid(), nullable=True),
        sa.Column("means", _enum("means", "own_code", "paper_sheet"), nullable=False),
        sa.Column("document_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", UtcDateTime(), nullable=False),
        sa.Column("received_by", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{signature}_{column}_{table}"))
            for column, table in (
                ("session_id", "jury_session"),
                ("person_id", "person"),
                ("hearing_id", "hearing"),
                ("document_id", "signed_document"),
                ("received_by", "person"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{signature}")),
        sa.UniqueConstraint("session_id", "person_id", name=op.f(f"uq_{signature}_session_id_person_id")),
    )
    for column in ("person_id", "hearing_id", "document_id"):
        op.create_index(op.f(f"ix_{signature}_{column}"), "presence_signature", [column])
    for statement in create_trigger_statements(op.get_bind().dialect.name, signature):
        op.execute(statement)
    op.create_table(
        "presence_opening",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(32), nullable=False),
        sa.Column("opened_by", sa.Uuid(), nullable=False),
        sa.Column("opened_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["jury_session.id"], name=op.f(f"fk_{opening}_session_id_jury_session")
        ),
        sa.ForeignKeyConstraint(["opened_by"], ["person.id"], name=op.f(f"fk_{opening}_opened_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{opening}")),
        sa.UniqueConstraint("session_id", name=op.f(f"uq_{opening}_session_id")),
        sa.UniqueConstraint("code_digest", name=op.f(f"uq_{opening}_code_digest")),
    )
