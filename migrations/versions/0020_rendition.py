"""What is made of the files of evidence: page images with their text, copies without location."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def _codes(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=40)


def upgrade() -> None:
    """Create the tables; the versions that are there are ordered by the sweep."""
    op.create_table(
        "rendition",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("kind", _codes("kind", "pages", "copy"), nullable=False),
        sa.Column("state", _codes("state", "waiting", "making", "ready", "refused"), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("reason", _codes("reason", "no_original", "too_heavy", "not_made", "unreadable"), nullable=True),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name=op.f("fk_rendition_file_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rendition")),
        sa.UniqueConstraint("file_id", "kind", name=op.f("uq_rendition_file_id_kind")),
        sa.UniqueConstraint("key", name=op.f("uq_rendition_key")),
    )
    op.create_index(op.f("ix_rendition_due_at"), "rendition", ["due_at"])
    op.create_table(
        "leaf",
        sa.Column("rendition_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column(
            "fault",
            _codes("fault", "not_pages", "no_such_page", "broken_page", "too_heavy", "beyond", "not_drawn"),
            nullable=True,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["rendition_id"], ["rendition.id"], name=op.f("fk_leaf_rendition_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaf")),
        sa.UniqueConstraint("rendition_id", "number", name=op.f("uq_leaf_rendition_id_number")),
    )
    op.create_table(
        "leaf_image",
        sa.Column("leaf_id", sa.Uuid(), nullable=False),
        sa.Column("width", _codes("width", "vignette", "page", "grande"), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["leaf_id"], ["leaf.id"], name=op.f("fk_leaf_image_leaf_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leaf_image")),
        sa.UniqueConstraint("leaf_id", "width", name=op.f("uq_leaf_image_leaf_id_width")),
        sa.UniqueConstraint("key", name=op.f("uq_leaf_image_key")),
    )
