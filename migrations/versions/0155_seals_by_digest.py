"""Find the certificate that a sealed PDF is by the digest of its bytes."""

from __future__ import annotations

from alembic import op

from portfolio.db.concurrent_index import create_index_while_in_use

revision = "0155"
down_revision = "0154"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index."""
    create_index_while_in_use(op, "ix_certificate_seal_file_sha256", "certificate_seal", ["file_sha256"])
