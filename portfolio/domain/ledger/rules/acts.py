"""Names under which tables and columns are written outside the store: frozen since migration 0097, which renamed them.

An entry of the ledger holds the name of its table, and a digest of each column made with the names of both. A rename
would make the entries written before false: entries are written with the names of before, the new ones as well. What a
person exports of their data keeps these names too. A table or a column that is not listed is written under its own name
(decision 0119).
"""

from collections.abc import Mapping

# Table → the record type that entries bear, and the key of an export.
RECORD_TYPES: Mapping[str, str] = {
    "access_record": "opening",
    "advisor_assignment": "accompaniment",
    "audit_event": "journal_line",
    "coverage_review": "mark",
    "grant_status_change": "later_act",
    "jury_member": "member",
    "jury_member_affiliation": "member_tie",
    "ledger_checkpoint": "ledger_head",
    "member_attendance": "presence",
    "message": "remark",
    "notification_preference": "letter_choice",
    "outgoing_email": "mail",
    "recorded_decision": "block_decision",
    "recorded_finding": "competency_finding",
    "result_notification": "notification",
    "signed_document": "jury_paper",
}
# Table → column → the name under which the column is written.
WRITTEN_COLUMNS: Mapping[str, Mapping[str, str]] = {
    "access_record": {"hour_bucket": "hour", "resource_hash": "thing"},
    "advisor_assignment": {"assigned_at": "since", "display_name": "named"},
    "attestation": {"attachment_id": "annex_id", "record_sha256": "digest"},
    "attestation_request": {
        "emailed_at": "written_at",
        "relationship_claimed": "quality",
        "request_text": "wanted",
        "requested_at": "asked_at",
    },
    "candidacy": {"advisor_display_name": "advisor_named", "candidate_display_name": "candidate_named"},
    "certificate": {"printed_text": "labels"},
    "certification_version": {"resolved_doubts": "settled_doubts", "source_sha256": "read_digest"},
    "coverage_review": {
        "content_snapshot": "told",
        "created_at": "made_at",
        "reviewed_digest": "basis",
        "seen_versions": "seen",
    },
    "equivalence": {"granted_block_id": "counts_for_id", "held_block_id": "held_id"},
    "grant_status_change": {"is_for_bias": "bias", "sequence": "rank"},
    "hearing": {"is_current": "stands", "is_void": "voided"},
    "hearing_member": {"display_name": "named"},
    "juror_statement": {"created_at": "made_at", "document_id": "paper_id"},
    "jury_member": {"display_name": "named", "is_qualified": "qualified"},
    "jury_member_affiliation": {"organisation_kind": "with_whom"},
    "lapse_ruling": {"deadline_kind": "clock"},
    "ledger_checkpoint": {"first_seq": "first"},
    "login_session": {"started_at": "began_at"},
    "member_attendance": {"recorded_at": "checked_at", "recorded_by": "checked_by"},
    "message": {"sent_at": "said_at"},
    "notification_preference": {"frequency": "rhythm", "unsubscribe_key": "leave_key"},
    "outgoing_email": {
        "attempts": "tries",
        "created_at": "written_at",
        "is_sensitive": "secret",
        "next_attempt_at": "next_try_at",
    },
}
_TABLES: Mapping[str, str] = {record_type: table for table, record_type in RECORD_TYPES.items()}


def record_type_of(table: str) -> str:
    """Return the record type of the rows of a table."""
    return RECORD_TYPES.get(table, table)


def table_recorded_as(record_type: str) -> str:
    """Return the table whose rows bear a record type."""
    return _TABLES.get(record_type, record_type)


def written_column(table: str, column: str) -> str:
    """Return the name under which a column is written."""
    return WRITTEN_COLUMNS.get(table, {}).get(column, column)


_MARK = "#"


def act_of(table: str, rank: int) -> str:
    """Name the act that records a row of a table for the first time (rank 1), or again."""
    record_type = record_type_of(table)
    return record_type if rank == 1 else f"{record_type}{_MARK}{rank}"


def rank_of(act: str) -> int:
    """Answer how many times a row was recorded, this time included."""
    rank = act.partition(_MARK)[2]
    return int(rank) if rank.isdigit() and len(rank) < 10 else 1
