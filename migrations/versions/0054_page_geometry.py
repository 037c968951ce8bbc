"""The size of a page and the place of its words, and page images drawn at a width that somebody asks for."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

WIDTHS = ("vignette", "page", "grande", "detail")


def upgrade() -> None:
    """Add the columns, empty for the pages drawn before, and the fourth width."""
    with op.batch_alter_table("leaf") as table:
        table.add_column(sa.Column("width", sa.Integer(), nullable=True))
        table.add_column(sa.Column("height", sa.Integer(), nullable=True))
        table.add_column(sa.Column("word_boxes", sa.LargeBinary(), nullable=True))
    listed = ", ".join(f"'{width}'" for width in WIDTHS)
    with op.batch_alter_table("leaf_image") as table:
        table.drop_constraint(op.f("ck_leaf_image_width"), type_="check")
        table.create_check_constraint(op.f("ck_leaf_image_width"), f"width IN ({listed})")
    with op.batch_alter_table("page_request") as table:
        table.add_column(sa.Column("size", sa.String(40), nullable=True))
        table.create_check_constraint(op.f("ck_page_request_size"), f"size IN ({listed})")
