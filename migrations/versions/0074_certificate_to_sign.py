"""The certificates that nobody signed yet, in a table of their own: a list of them scans nothing else."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0074"
down_revision = "0073"
branch_labels = None
depends_on = None

FILL = """
INSERT INTO certificate_to_sign (certificate_id, body_id, issued_at)
SELECT c.id, n.body_id, c.issued_at
FROM certificate c
LEFT JOIN block_grant g ON g.id = c.grant_id
LEFT JOIN block b ON b.id = g.block_id
LEFT JOIN award a ON a.id = c.award_id
JOIN certification_version v ON v.id = coalesce(b.version_id, a.version_id)
JOIN certification n ON n.id = v.certification_id
WHERE NOT EXISTS (SELECT 1 FROM certificate_signature s WHERE s.certificate_id = c.id)
"""


def upgrade() -> None:
    """Create the table and fill it."""
    op.create_table(
        "certificate_to_sign",
        sa.Column("certificate_id", sa.Uuid(), nullable=False),
        sa.Column("body_id", sa.Uuid(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["certificate_id"], ["certificate.id"], name=op.f("fk_certificate_to_sign_certificate_id")),
        sa.ForeignKeyConstraint(["body_id"], ["certifying_body.id"], name=op.f("fk_certificate_to_sign_body_id")),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_to_sign")),
    )
    op.create_index("ix_certificate_to_sign_issued_at", "certificate_to_sign", ["body_id", "issued_at", "certificate_id"])
    op.execute(FILL)
