"""Tables that the ledger covers, and the reason for each table that it does not cover: the one list.

Names under which tables and columns are written outside the store: frozen since migration 0097, which
renamed them.

An entry of the ledger holds the name of its table, and a digest of each column made with the names of both. A
rename would make the entries written before false: entries are written with the names of before, the new ones
as well. What a person exports of their data keeps these names too. A table or a column that is not listed is
written under its own name (decision 0119).
"""

from __future__ import annotations

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


# Tables whose rows are acts: a closing, a grant, and what is done to them later. Every column of each is
# recorded. A column added later to one of them is nullable: the entries made before say nothing of it, and it
# must stay empty there.
RECORDED = (
    "minutes",
    "recorded_decision",
    "recorded_finding",
    "block_grant",
    "award",
    "certificate",
    "minutes_rectification",
    "acquisition",
    "equivalence",
    "grant_status_change",
    "lapse_ruling",
    "signed_document",
    "juror_statement",
    "certificate_signature",
    "result_notification",
    "ledger_erasure",
    "assessment_result",
    "defence",
    "candidacy_closure",
    "observation_invitation",
    "observation",
    "appeal",
    "appeal_answer",
    "prior_holding",
    "prior_holding_end",
    "group_equivalence",
    "group_equivalence_block",
    "audit_digest",
    "absence_letter",
)
# Those that the first installations kept without recording them: what they hold is recorded once, when they
# learn to.
RECORDED_SINCE = ("signed_document", "juror_statement", "certificate_signature", "result_notification")

# Tables whose rows become facts at some moment (publication, submission, closing) and may still change
# afterwards through the application: every change is recorded behind the earlier one, and the row must be
# what its last entry says. The value names the column of the row that this one belongs to and becomes a fact
# with; None for a row that `services/ledger/fixing.py` knows.
TRACKED: Mapping[str, str | None] = {
    "certification": None,
    "certification_version": None,
    "block": "version_id",
    "competency": "block_id",
    "registration_period": "version_id",
    "jury_rule": "version_id",
    "jury_rule_route": "version_id",
    "jury_rule_line": "rule_id",
    "candidacy": None,
    "candidacy_block": "candidacy_id",
    "advisor_assignment": "candidacy_id",
    "submission": None,
    "submitted_block": "submission_id",
    "sealed_file": "submission_id",
    "evidence_file": None,
    "jury_session": None,
    "hearing": None,
    "jury_member": "session_id",
    "jury_member_affiliation": "member_id",
    "member_attendance": "hearing_id",
    "hearing_member": "hearing_id",
    "attestation": None,
}
# Tracked tables that migration 0045 filled for the versions published before: recorded once, when the ledger
# learns of them.
TRACKED_SINCE = ("jury_rule", "jury_rule_route", "jury_rule_line")
COVERED = (*RECORDED, *TRACKED)

_DRAFT = "a draft: what a jury reads of it is copied into the manifest of the submission"
_PLANNED = "what is planned; its words are copied into the record that a jury reads"
_READING = "the reading of one member: the attestation of reading copies its extent, and nobody else reads the notes"
_COURSE = "the course of a deliberation until closing: the composition of the minutes copies what is of record"
_RENDERED = "made from a sealed file, and made again when lost; its SHA-256 is compared before it is shown"
_ACCESS = "access to an account, which changes and expires"
_REQUEST = "the exchange that leads to a signed attestation; what was signed is in `attestation`"
_POOL = "what is known of a person before a jury is named; what is declared of a member is copied into `jury_member`"
_RETURN = "what a certifier asks before the jury; each version that is sealed is in `submission`"
_ADVICE = "advice between a candidate and their advisor, which no jury reads"
# Tables that hold no fact, each with the reason. A table that is neither here nor above fails a test.
NOT_FACTS: Mapping[str, str] = {
    "ledger_entry": "the ledger itself: each entry is bound to the one before and signed",
    "ledger_checkpoint": "the ledger itself: each head is a signature",
    "ledger_salt": "the ledger itself: each entry holds the digest of its salts",
    "person": ("an account, whose address, name and password may change; acts copy the names that they certify"),
    "certifying_body_member": _ACCESS,
    "known_browser": _ACCESS,
    "login_session": _ACCESS,
    "login_attempt": _ACCESS,
    "account_token": _ACCESS,
    "second_factor": _ACCESS,
    "recovery_code": _ACCESS,
    "linked_identity": _ACCESS,
    "passkey": _ACCESS,
    "passkey_challenge": _ACCESS,
    "provider_login": _ACCESS,
    "provider_session": _ACCESS,
    "email_change": _ACCESS,
    "idempotency_key": "the receipt of a form, so that a form sent twice is done once",
    "certifying_body": "the account of a body; certificates and signatures copy the name that they certify",
    "certifying_body_settings": "settings of a body; signatures and letters copy what they say",
    "body_look": "how the documents of a body look from a day on; it grants nothing",
    "information_page": "a text that a body writes for the people it serves",
    "word_template": (
        "a form that a certifier gives to the livret 2, which it may replace; what is sealed does not depend on it"
    ),
    "dossier": _DRAFT,
    "cohort": _PLANNED,
    "assessment_plan": _PLANNED,
    "planned_assessment": _PLANNED,
    "experience": _DRAFT,
    "narrative": _DRAFT,
    "claim": _DRAFT,
    "evidence": _DRAFT,
    "removed_claims": _DRAFT,
    "dismissed_hint": _DRAFT,
    "page_mask": _DRAFT,
    "private_file": _DRAFT,
    "flattened_file": _DRAFT,
    "dossier_return": _RETURN,
    "text_version": _DRAFT,
    "postponed_block": _DRAFT,
    "recommendation_done": _DRAFT,
    "post_jury_meeting": "a meeting of a candidate with their advisor, noted with its day; it grants nothing",
    "return_request": _RETURN,
    "upload": "a file that is still being received",
    "quarantined_file": "a file that waits for its scan",
    "finding_draft": "the president's notes until closing; the minutes copy them into `recorded_finding`",
    "decision_draft": "the president's notes until closing; the minutes copy them into `recorded_decision`",
    "status_change_proposal": (
        "a decision that waits for a second member; the act that is confirmed is in `grant_status_change`"
    ),
    "appeal_grant_proposal": (
        "an answer that waits for a second member; the one that is confirmed is in `appeal_answer`"
    ),
    "hearing_review": "a second look at a closed hearing; it changes nothing of what the jury decided",
    "holder_import": "a spreadsheet that waits for its confirmation; what is confirmed is in `prior_holding`",
    "holder_import_file": "a proof that came with a spreadsheet; what is confirmed is in `prior_holding`",
    "juror_opinion": _COURSE,
    "opinions_given": _COURSE,
    "opinions_opened": _COURSE,
    "interview_entry": _COURSE,
    "ballot": _COURSE,
    "member_vote": _COURSE,
    "adjournment": _COURSE,
    "attendance_change": _COURSE,
    "exhibit_opening": _READING,
    "juror_note": _READING,
    "rendition": _RENDERED,
    "page": _RENDERED,
    "page_image": _RENDERED,
    "book_edition": _RENDERED,
    "search_entry": "the stems of texts kept elsewhere, made again when lost",
    "page_request": "a page that somebody waits for on a screen",
    "periodic_run": "when a periodic task runs next",
    "heartbeat": "when a worker was last alive",
    "attestation_otp": _REQUEST,
    "attestation_competency": _REQUEST,
    "attestation_draft": _REQUEST,
    "attestation_link": _REQUEST,
    "attestation_request": _REQUEST,
    "coverage_review": _ADVICE,
    "message": _ADVICE,
    "private_note": _ADVICE,
    "self_assessment": _ADVICE,
    "thread_read_marker": _ADVICE,
    "digest_email": "a summary that was mailed",
    "notification_preference": "a preference",
    "outgoing_email": "a letter to deliver; what a result's letter says is in `result_notification`",
    "email_attachment": "a file of a letter to deliver",
    "notification_receipt": "told by the journal, whose digest of each day is in `audit_digest`",
    "audit_event": (
        "the journal of who did what; the digest of each day of it is in `audit_digest`, from the night after"
    ),
    "access_record": "a count of pages opened, forgotten after some days",
    "bulk_access_alert": "an alert on pages opened",
    "register_state": "the fingerprint of an entry as last read at the register",
    "register_notice": "a notice on what changed at the register, dismissed by a person",
    "equivalence_proposal": "what the register suggests; the ruling of a person is in `equivalence`",
    "partner": (
        "what the register or the certifier says of a partner, which changes; a candidacy records the partner it names"
    ),
    "juror": _POOL,
    "juror_affiliation": _POOL,
    "juror_availability": _POOL,
    "juror_conflict": _POOL,
    "juror_qualification": _POOL,
    "juror_fees": "a setting of a body, which changes",
    "summons": ("the letters of a session and what people answered; the day and the place are in `jury_session`"),
    "summons_email": "a letter of a summons to deliver",
    "site": "a place of the certifier, which changes; a session copies the place where it is held",
    "integrity_check": "the outcome of the checks themselves",
    "candidacy_listing": (
        "what lists sort by, derived from the facts and compared with them by `recompute-lists --check`"
    ),
    "open_deadline": "the delays of a candidacy as lists sort them, derived from the facts",
    "certificate_to_sign": ("which certificates wait for a signature, derived from certificates and signatures"),
    "certificate_listing": (
        "what the list of certificates sorts by, derived from the facts and compared with them as well"
    ),
    "group_act": "what was ordered for many candidacies; the letters and the acts themselves are recorded",
    "group_act_line": "the progress of such an order",
    "bulk_opening": "an order to open many candidacies, which ends; each candidacy is told by itself",
    "bulk_opening_line": "the progress of such an order",
    "listing_count": "how many candidacies lists count under each heading",
    "retention_settings": "a setting of a body, which changes",
    "retention_clock": "when each kind of data goes, derived from the facts and computed again every night",
    "legal_hold": "a pause of the clocks, which ends",
    "erasure_request": "a request and its answer; what is then erased is in `ledger_erasure`",
    "erasure": "the course of an erasure; what it takes from the ledger is in `ledger_erasure`",
    "erased_file": "which files an erasure takes from the store",
    "erased_row": "the order to blank a row; that its words were erased is in `ledger_erasure`",
    "damaged_file": "the files that a check found damaged, until they are restored",
}
_MARK = "#"


def act_of(table: str, rank: int) -> str:
    """Name the act that records a row of a table for the first time (rank 1), or again."""
    record_type = record_type_of(table)
    return record_type if rank == 1 else f"{record_type}{_MARK}{rank}"


def table_named(act: str) -> str:
    """Answer the table of an act; only an act of a tracked table has a rank."""
    record_type, _mark, rank = act.partition(_MARK)
    table = table_recorded_as(record_type)
    return table if table in TRACKED and rank.isdigit() else table_recorded_as(act)


def rank_of(act: str) -> int:
    """Answer how many times a row was recorded, this time included."""
    rank = act.partition(_MARK)[2]
    return int(rank) if rank.isdigit() and len(rank) < 10 else 1
