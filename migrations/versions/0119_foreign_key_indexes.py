"""What is asked by its parent row has an index that any query can use."""

from __future__ import annotations

from alembic import op

from portfolio.db.concurrent_index import create_index_while_in_use

revision = "0119"
down_revision = "0118"
branch_labels = None
depends_on = None

COLUMNS = (
    ("appeal_grant_proposal", "appeal_id"),
    ("assessment_result", "file_id"),
    ("attestation_request", "experience_id"),
    ("block_grant", "acquisition_id"),
    ("candidacy", "cohort_id"),
    ("candidacy", "partner_id"),
    ("damaged_file", "candidacy_id"),
    ("dossier_return", "answer_id"),
    ("equivalence_proposal", "equivalence_id"),
    ("equivalence_proposal", "group_equivalence_id"),
    ("evidence", "experience_id"),
    ("grant_status_change", "appeal_id"),
    ("hearing", "moved_from_id"),
    ("juror_statement", "document_id"),
    ("juror_statement", "hearing_id"),
    ("juror_statement", "submission_id"),
    ("jury_member", "appointment_id"),
    ("jury_session", "site_id"),
    ("site", "partner_id"),
    ("status_change_proposal", "act_id"),
    ("status_change_proposal", "grant_id"),
    ("submission", "renews_id"),
)


def upgrade() -> None:
    """Create the indexes, one after the other."""
    for table, column in COLUMNS:
        create_index_while_in_use(op, op.f(f"ix_{table}_{column}"), table, [column])
