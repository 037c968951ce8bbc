"""What a candidate masks in a file, which versions only they read, and which versions are flattened copies."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0071"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables: nothing is masked in what was received before."""
    op.create_table(
        "page_mask",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.Integer(), nullable=False) for name in ("page", "left", "top", "width", "height")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_page_mask")),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name=op.f("fk_page_mask_file_id"), ondelete="CASCADE"),
    )
    op.create_index(op.f("ix_page_mask_file_id"), "page_mask", ["file_id"])
    op.create_table(
        "private_file",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_private_file")),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name=op.f("fk_private_file_file_id"), ondelete="CASCADE"),
    )
    op.create_table(
        "flattened_file",
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("masks", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_flattened_file")),
        *(
            sa.ForeignKeyConstraint([name], ["evidence_file.id"], name=op.f(f"fk_flattened_file_{name}"), ondelete="CASCADE")
            for name in ("file_id", "source_id")
        ),
    )
    op.create_index(op.f("ix_flattened_file_source_id"), "flattened_file", ["source_id"])
