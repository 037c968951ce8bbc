"""A control pack is prepared by a worker, as the documents of a dossier are."""

import sqlalchemy as sa
from alembic import op

revision = "0124"
down_revision = "0123"
branch_labels = None
depends_on = None

STATES = ("waiting", "making", "ready", "failed", "cancelled")


def upgrade() -> None:
    """Add the table of control packs."""
    state = sa.Enum(*STATES, name="state", native_enum=False, create_constraint=True, length=40)
    op.create_table(
        "control_pack",
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("root", sa.String(length=64), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("run_after", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("requested_by", sa.Uuid(), nullable=True),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("contents", sa.JSON(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_control_pack_body_id")),
        sa.ForeignKeyConstraint(["requested_by"], ["person.id"], name=op.f("fk_control_pack_requested_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_control_pack")),
        sa.UniqueConstraint("key", name=op.f("uq_control_pack_key")),
        sa.UniqueConstraint("root", name=op.f("uq_control_pack_root")),
    )
    op.create_index(op.f("ix_control_pack_body_id"), "control_pack", ["body_id"], unique=False)
    op.create_index(op.f("ix_control_pack_run_after"), "control_pack", ["run_after"], unique=False)
