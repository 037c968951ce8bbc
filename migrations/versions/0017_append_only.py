"""Facts refuse to be changed, by whatever route."""

from __future__ import annotations

from alembic import op

from portfolio.db.append_only import statements

revision = "0017"
down_revision = '0016'
branch_labels = None
depends_on = None

# By the names that these tables had; migration 0097 renamed some.
GUARDED = (
    "submission",
    "submitted_block",
    "sealed_file",
    "minutes",
    "block_decision",
    "competency_finding",
    "minutes_rectification",
    "jury_paper",
    "juror_statement",
    "acquisition",
    "equivalence",
    "block_grant",
    "award",
    "later_act",
    "lapse_ruling",
    "certificate",
    "certificate_signature",
    "notification",
    "ledger_entry",
    "ledger_head",
    "ledger_erasure",
    "journal_line",
    # A version is published with these; a correction is a new version.
    "block",
    "competency",
    "registration_period",
)


def upgrade() -> None:
    """Install the triggers."""
    for statement in statements(op.get_bind().dialect.name, GUARDED):
        op.execute(statement)
