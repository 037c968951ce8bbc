"""Keep, of each piece, whether its pages can be laid in a book, and when that is to be looked at."""

import sqlalchemy as sa
from alembic import op

from portfolio.db.concurrent_index import create_index_while_in_use
from portfolio.db.engine import UtcDateTime

revision = "0154"
down_revision = "0153"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, and the index of the pieces that wait."""
    op.add_column("rendition", sa.Column("proof", sa.JSON(none_as_null=True), nullable=True))
    op.add_column("rendition", sa.Column("prove_after", UtcDateTime(), nullable=True))
    waits = sa.text("prove_after IS NOT NULL")
    where = {"sqlite_where": waits, "postgresql_where": waits}
    create_index_while_in_use(op, "ix_rendition_prove_after", "rendition", ["prove_after"], **where)
