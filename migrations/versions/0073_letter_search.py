"""Indexes for the letters of a body that writes many: what a search looks at, and those handed over."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0073"
down_revision = "0072"
branch_labels = None
depends_on = None

HANDED = sa.text("handed_over_at IS NOT NULL")


def upgrade() -> None:
    """Add the indexes."""
    op.create_index("ix_mail_search", "mail", ["body_id", "written_at", "search_words", "id"])
    op.create_index("ix_mail_handed_over", "mail", ["body_id", "handed_over_at"], sqlite_where=HANDED, postgresql_where=HANDED)
