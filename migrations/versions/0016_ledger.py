"""The ledger, its signed heads, and its salts apart."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "ledger_entry",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("row_id", sa.Uuid(), nullable=False),
        sa.Column("digests", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("act", "row_id", name=op.f("uq_ledger_entry_act_row_id")),
        sa.UniqueConstraint("hash", name=op.f("uq_ledger_entry_hash")),
    )
    op.create_table(
        "ledger_erasure",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("erased_by", sa.Uuid(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["erased_by"], ["person.id"], name=op.f("fk_ledger_erasure_erased_by")),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_erasure_seq")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_erasure")),
        sa.UniqueConstraint("seq", name=op.f("uq_ledger_erasure_seq")),
    )
    op.create_table(
        "ledger_head",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("first", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kid", sa.String(length=60), nullable=False),
        sa.Column("signature", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_head_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_head")),
    )
    op.create_table(
        "ledger_salt",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("facts", sa.LargeBinary(length=32), nullable=False),
        sa.Column("words", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(["seq"], ["ledger_entry.seq"], name=op.f("fk_ledger_salt_seq")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_ledger_salt")),
    )
