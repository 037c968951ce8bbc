"""Draw anew the PDFs said to hide text, which the text layer of a scan does not, and the forms of Adobe's program
that were accepted before such forms were refused.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0119"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark their renditions as drawn in an earlier way: workers order them anew."""
    rendition = sa.table("rendition", *map(sa.column, ("id", "file_id", "method")))
    page = sa.table("page", *map(sa.column, ("rendition_id", "number", "hidden", "text")))
    file = sa.table("evidence_file", *map(sa.column, ("id", "mime")))
    waits = sa.or_(*(sa.func.lower(page.c.text).like(f"%{words}%") for words in ("please wait", "veuillez patienter")))
    looked_at = sa.select(page.c.rendition_id).where(sa.or_(page.c.hidden > 0, sa.and_(page.c.number == 1, waits)))
    pdfs = sa.select(file.c.id).where(file.c.mime == "application/pdf")
    op.execute(
        rendition.update()
        .where(rendition.c.id.in_(looked_at), rendition.c.file_id.in_(pdfs))
        .values(method=0)
    )
