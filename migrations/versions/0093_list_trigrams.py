"""Index the texts that searches of candidacies and certificates look in by groups of three signs, and delays by their kind."""

from __future__ import annotations

from alembic import op

from portfolio.db.trigrams import TrigramIndex, create_statements

revision = "0093"
down_revision = "0092"
branch_labels = None
depends_on = None

INDEXES = (
    TrigramIndex("candidacy_listing", "candidacy_id"),
    TrigramIndex("certificate_listing", "certificate_id"),
)


def upgrade() -> None:
    """Create the indexes and index the rows that are there."""
    for index in INDEXES:
        for statement in create_statements(op.get_bind().dialect.name, index):
            op.execute(statement)
    op.create_index("ix_open_deadline_kind", "open_deadline", ["body_id", "kind", "until", "candidacy_id"])
