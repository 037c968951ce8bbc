"""Draw anew the PDFs whose technical attachments were read as pages."""

from __future__ import annotations

import json

import sqlalchemy as sa
from alembic import op

from portfolio.files.conversion.contents import is_technical

revision = "0105"
down_revision = "0104"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Mark their renditions as drawn in an earlier way: workers order them anew."""
    rendition = sa.table("rendition", *map(sa.column, ("id", "file_id", "kind", "contents", "method")))
    file = sa.table("evidence_file", *map(sa.column, ("id", "mime")))
    rows = op.get_bind().execute(
        sa.select(rendition.c.id, sa.cast(rendition.c.contents, sa.Text))
        .join(file, file.c.id == rendition.c.file_id)
        .where(rendition.c.kind == "pages", file.c.mime == "application/pdf", rendition.c.contents.is_not(None))
    )
    for id, contents in rows.all():
        read = json.loads(contents) or {}
        if any(is_technical(entry["name"]) for entry in read.get("files", ())):
            op.execute(rendition.update().where(rendition.c.id == id).values(method=0))
