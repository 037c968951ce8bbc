"""Nothing is kept of the copies that others receive: they are made of the pages as they are sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0106"
down_revision = "0105"
branch_labels = None
depends_on = None
# Orders to make what is made again when it is asked for.
REMOVES_ROWS_OF = ("rendition",)


def upgrade() -> None:
    """Forget the orders to make copies: what they kept in the store is removed with the files of no row."""
    rendition = sa.table("rendition", sa.column("kind"))
    op.execute(rendition.delete().where(rendition.c.kind == "copy"))
    with op.batch_alter_table("rendition") as table:
        table.drop_constraint(op.f("ck_rendition_kind"), type_="check")
        table.create_check_constraint(op.f("ck_rendition_kind"), "kind IN ('pages')")
