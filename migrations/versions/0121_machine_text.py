"""Keep the words that a machine reads in the picture of a page without text."""

import sqlalchemy as sa
from alembic import op

from portfolio.db.concurrent_index import create_index_while_in_use

revision = "0121"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column, and the index of the pages that no machine looked at."""
    op.add_column("page", sa.Column("machine_text", sa.Text()))
    unread = sa.text("machine_text IS NULL AND text = ''")
    where = {"sqlite_where": unread, "postgresql_where": unread}
    create_index_while_in_use(op, "ix_page_unread", "page", ["rendition_id"], **where)
