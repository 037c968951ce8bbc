"""Keep the words that a machine reads in the picture of a page without text."""

import sqlalchemy as sa
from alembic import op

revision = "0121"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index of the pages that no machine looked at."""
    op.add_column("page", sa.Column("machine_text", sa.Text()))
    unread = sa.text("machine_text IS NULL AND text = ''")
    op.create_index("ix_page_unread", "page", ["rendition_id"], sqlite_where=unread, postgresql_where=unread)
