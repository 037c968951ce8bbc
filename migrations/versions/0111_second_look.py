"""Draw anew the PDFs that were said to hide text: a field too short or a font that is not held hides nothing."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0111"
down_revision = "0110"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark their renditions as drawn in an earlier way: workers order them anew."""
    rendition = sa.table("rendition", *map(sa.column, ("id", "file_id", "method")))
    page = sa.table("page", *map(sa.column, ("rendition_id", "hidden")))
    file = sa.table("evidence_file", *map(sa.column, ("id", "mime")))
    hiding = sa.select(page.c.rendition_id).where(page.c.hidden > 0)
    pdfs = sa.select(file.c.id).where(file.c.mime == "application/pdf")
    op.execute(
        rendition.update()
        .where(rendition.c.id.in_(hiding), rendition.c.file_id.in_(pdfs))
        .values(method=0)
    )
