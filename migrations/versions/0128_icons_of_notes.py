"""Draw anew the files said to hide text: the icon that PDFium paints for a note hides nothing, nor does a damaged page."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0128"
down_revision = "0127"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark their renditions as drawn in an earlier way: workers order them anew."""
    rendition = sa.table("rendition", sa.column("id"), sa.column("method"))
    page = sa.table("page", sa.column("rendition_id"), sa.column("hidden"))
    hiding = sa.select(page.c.rendition_id).where(page.c.hidden > 0)
    op.execute(rendition.update().where(rendition.c.id.in_(hiding)).values(method=0))
