"""Mark the PDFs and rich texts that were not looked at for what acts by itself in them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0094"
down_revision = "0093"
branch_labels = None
depends_on = None

MIMES = ("application/pdf", "application/rtf")


def upgrade() -> None:
    """Add the mark, and set it on the files drawn before they were looked at."""
    op.add_column("rendition", sa.Column("awaits_inspection", sa.Boolean(), nullable=False, server_default=sa.false()))
    rendition = sa.table("rendition", *map(sa.column, ("file_id", "kind", "contents", "awaits_inspection")))
    file = sa.table("evidence_file", *map(sa.column, ("id", "mime")))
    seen = sa.cast(rendition.c.contents, sa.Text).like('%"defused"%')
    unseen = rendition.c.contents.is_(None) | ~seen
    acting = sa.select(file.c.id).where(file.c.mime.in_(MIMES))
    op.execute(
        rendition.update()
        .where(rendition.c.kind == "pages", rendition.c.file_id.in_(acting), unseen)
        .values(awaits_inspection=sa.true())
    )
    op.create_index(
        "ix_rendition_awaits_inspection",
        "rendition",
        ["ordered_at"],
        sqlite_where=sa.text("awaits_inspection IS 1"),
        postgresql_where=sa.text("awaits_inspection IS true"),
    )
