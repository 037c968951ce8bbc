"""Name tables and columns by the words of the field: renames only, no row changes.

Names of indexes, constraints, sequences and guards follow the names of their tables and columns. What the
ledger and exports write keeps the names of before: `domain/ledger/rules/recorded_names.py`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping

import sqlalchemy as sa
from alembic import op

from portfolio.db.append_only import create_trigger_statements

revision = "0097"
down_revision = "0096"
branch_labels = None
depends_on = None

TABLES: Mapping[str, str] = {
    "accompaniment": "advisor_assignment",
    "attestation_code": "attestation_otp",
    "block_decision": "recorded_decision",
    "body_member": "certifying_body_member",
    "body_settings": "certifying_body_settings",
    "competency_finding": "recorded_finding",
    "digest": "digest_email",
    "finding": "finding_draft",
    "form_receipt": "idempotency_key",
    "journal_line": "audit_event",
    "jury_paper": "signed_document",
    "later_act": "grant_status_change",
    "ledger_head": "ledger_checkpoint",
    "letter_choice": "notification_preference",
    "login_try": "login_attempt",
    "mail": "outgoing_email",
    "mail_attachment": "email_attachment",
    "mark": "coverage_review",
    "member": "jury_member",
    "member_tie": "jury_member_affiliation",
    "notification": "result_notification",
    "opening": "access_record",
    "presence": "member_attendance",
    "reading_alert": "bulk_access_alert",
    "remark": "message",
    "sending": "upload",
    "thread_reading": "thread_read_marker",
    "ticket": "account_token",
}
# By the table's new name: the old name of a column, then the new one.
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "access_record": {"thing": "resource_hash", "hour": "hour_bucket"},
    "advisor_assignment": {"since": "assigned_at", "named": "display_name"},
    "attestation": {"digest": "record_sha256", "annex_id": "attachment_id"},
    "attestation_draft": {
        "annex_key": "attachment_key",
        "annex_name": "attachment_name",
        "annex_mime": "attachment_mime",
        "annex_family": "attachment_family",
        "annex_pages": "attachment_pages",
        "annex_size": "attachment_size",
        "annex_sha256": "attachment_sha256",
    },
    "attestation_link": {"made_at": "created_at", "is_copy": "is_download_link"},
    "attestation_otp": {"digest": "code_hash", "made_at": "created_at", "wrong": "failed_attempts"},
    "attestation_request": {
        "wanted": "request_text",
        "quality": "relationship_claimed",
        "asked_at": "requested_at",
        "written_at": "emailed_at",
    },
    "audit_event": {"facts": "details", "at": "occurred_at", "verb": "action"},
    "candidacy": {"candidate_named": "candidate_display_name", "advisor_named": "advisor_display_name"},
    "certificate": {"labels": "printed_text"},
    "certification_version": {"read_digest": "source_sha256", "settled_doubts": "resolved_doubts"},
    "coverage_review": {
        "basis": "reviewed_digest",
        "told": "content_snapshot",
        "seen": "seen_versions",
        "made_at": "created_at",
    },
    "email_attachment": {"mail_id": "email_id"},
    "equivalence": {"held_id": "held_block_id", "counts_for_id": "granted_block_id"},
    "grant_status_change": {"rank": "sequence", "bias": "is_for_bias"},
    "hearing": {"stands": "is_current", "voided": "is_void"},
    "hearing_member": {"named": "display_name"},
    "idempotency_key": {"received_at": "created_at", "location": "redirect_to"},
    "integrity_check": {"began_at": "started_at"},
    "juror_affiliation": {"with_whom": "organisation_kind"},
    "juror_statement": {"made_at": "created_at", "paper_id": "document_id"},
    "jury_member": {"named": "display_name", "qualified": "is_qualified"},
    "jury_member_affiliation": {"with_whom": "organisation_kind"},
    "lapse_ruling": {"clock": "deadline_kind"},
    "ledger_checkpoint": {"first": "first_seq"},
    "ledger_entry": {
        "at": "recorded_at",
        "act": "record_type",
        "previous": "previous_hash",
        "hash": "entry_hash",
    },
    "ledger_salt": {"facts": "fact_salt", "words": "personal_salt"},
    "login_attempt": {"tried_at": "attempted_at"},
    "login_session": {"began_at": "started_at"},
    "member_attendance": {"checked_at": "recorded_at", "checked_by": "recorded_by"},
    "message": {"said_at": "sent_at"},
    "notification_preference": {"rhythm": "frequency", "leave_key": "unsubscribe_key"},
    "outgoing_email": {
        "secret": "is_sensitive",
        "tries": "attempts",
        "written_at": "created_at",
        "next_try_at": "next_attempt_at",
    },
    "page": {"fault": "error"},
    "rendition": {
        "tries": "attempts",
        "ordered_at": "requested_at",
        "ended_at": "finished_at",
        "reason": "failure_reason",
        "due_at": "run_after",
        "begun": "starts_since_progress",
    },
    "upload": {"mark": "fingerprint", "begun_at": "started_at"},
}
GUARDED = (
    "audit_event",
    "grant_status_change",
    "ledger_checkpoint",
    "recorded_decision",
    "recorded_finding",
    "result_notification",
    "signed_document",
)
Names = dict[str, str]


def upgrade() -> None:
    """Rename; raise RuntimeError, which takes everything back, when a table has not the rows that it had."""
    former = {new: old for old, new in TABLES.items()}
    tables = {former.get(table, table): table for table in (*former, *COLUMNS)}
    before = _counts(tables, tables.values())
    indexes, constraints = _names(tables)
    for table in GUARDED:
        _drop_guards(former[table])
    for old, new in TABLES.items():
        op.rename_table(old, new)
    quote = op.get_bind().dialect.identifier_preparer.quote
    for table, columns in COLUMNS.items():
        for old, new in columns.items():
            op.execute(f"ALTER TABLE {table} RENAME COLUMN {quote(old)} TO {quote(new)}")
    if _is_sqlite():
        _rename_sqlite_indexes(indexes)
        _rename_sqlite_constraints(constraints)
    else:
        _rename_postgresql(indexes, constraints)
    for table in GUARDED:
        for statement in create_trigger_statements(op.get_bind().dialect.name, table):
            op.execute(statement)
    after = _counts(tables.values(), tables.values())
    if after != before:
        raise RuntimeError(f"the migration changed a number of rows: {before} became {after}")


def _is_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _counts(names: Iterable[str], keys: Iterable[str]) -> dict[str, int]:
    bind = op.get_bind()
    return {
        key: bind.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0
        for name, key in zip(names, keys, strict=True)
    }


def _names(tables: Mapping[str, str]) -> tuple[Names, Names]:
    """Return the names of indexes and those of constraints that change, each with its new name."""
    seen = sa.inspect(op.get_bind())
    indexes: Names = {}
    constraints: Names = {}
    for old, new in tables.items():
        columns = COLUMNS.get(new, {})
        unique = seen.get_unique_constraints(old)
        of_constraints = {each["name"] for each in unique}
        for each in seen.get_indexes(old):
            if each["name"] not in of_constraints:
                indexes[each["name"]] = _renamed(each["name"], old, new, columns, each["column_names"])
        listed = [
            (seen.get_pk_constraint(old)["name"], []),
            *((each["name"], each["column_names"]) for each in unique),
            *((each["name"], each["constrained_columns"]) for each in seen.get_foreign_keys(old)),
            *((each["name"], []) for each in seen.get_check_constraints(old)),
        ]
        for name, of in listed:
            if name:
                constraints[name] = _renamed(name, old, new, columns, of)
    return _changed(indexes), _changed(constraints)


def _changed(names: Names) -> Names:
    return {old: new for old, new in names.items() if old != new}


def _renamed(name: str, old: str, new: str, columns: Mapping[str, str], of: list[str | None]) -> str:
    kind = name[:3]
    if not name.startswith(f"{kind}{old}") or kind not in {"ix_", "uq_", "fk_", "pk_", "ck_"}:
        return name
    end = name.removeprefix(f"{kind}{old}")
    if kind == "ck_":  # the codes that a column may hold are a check of its name
        end = f"_{columns.get(end[1:], end[1:])}"
    elif end == "_" + "_".join(str(column) for column in of):
        end = "_" + "_".join(columns.get(str(column), str(column)) for column in of)
    return _fitting(f"{kind}{new}{end}")


def _fitting(name: str) -> str:
    """Return a name as SQLAlchemy makes it where it is too long for the store."""
    longest = op.get_bind().dialect.max_identifier_length
    if len(name) <= longest:
        return name
    return f"{name[: longest - 8]}_{hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()[-4:]}"


def _drop_guards(table: str) -> None:
    verbs = ("update", "delete") if _is_sqlite() else ("update", "delete", "truncate")
    where = "" if _is_sqlite() else f" ON {table}"
    for verb in verbs:
        op.execute(f"DROP TRIGGER {table}_no_{verb}{where}")


def _rename_postgresql(indexes: Names, constraints: Names) -> None:
    bind = op.get_bind()
    for old, new in indexes.items():
        op.execute(f'ALTER INDEX "{old}" RENAME TO "{new}"')
    owners = bind.execute(
        sa.text(
            "SELECT c.conname, t.relname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid "
            "WHERE c.connamespace = current_schema()::regnamespace AND c.contype <> 'n'"
        )
    )
    for name, table in owners.all():
        if name in constraints:
            op.execute(f'ALTER TABLE "{table}" RENAME CONSTRAINT "{name}" TO "{constraints[name]}"')
    # Since version 18 a NOT NULL has a name, which PostgreSQL made of those of the table and of the column.
    filled = bind.execute(
        sa.text(
            "SELECT c.conname, t.relname, a.attname FROM pg_constraint c "
            "JOIN pg_class t ON t.oid = c.conrelid "
            "JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1] "
            "WHERE c.connamespace = current_schema()::regnamespace AND c.contype = 'n'"
        )
    )
    affected = {*TABLES.values(), *COLUMNS}
    for name, table, column in filled.all():
        new = f"{table}_{column}_not_null"
        if table in affected and name != new:
            op.execute(f'ALTER TABLE "{table}" RENAME CONSTRAINT "{name}" TO "{new}"')
    for table in TABLES.values():
        for column in sa.inspect(bind).get_columns(table):
            asked = {"table": table, "column": column["name"]}
            owned = bind.scalar(sa.text("SELECT pg_get_serial_sequence(:table, :column)"), asked)
            if owned:
                op.execute(f'ALTER SEQUENCE {owned} RENAME TO "{table}_{column["name"]}_seq"')


def _rename_sqlite_indexes(names: Names) -> None:
    """Create each index again under its new name: SQLite renames none."""
    bind = op.get_bind()
    query = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND name = :name")
    for old, new in names.items():
        statement = bind.scalar(query, {"name": old})
        op.execute(f'DROP INDEX "{old}"')
        op.execute(
            sa.text(
                re.sub(rf'^(CREATE (?:UNIQUE )?INDEX )"?{old}"?', rf"\1{new}", statement).replace(":", r"\:")
            )
        )


def _rename_sqlite_constraints(names: Names) -> None:
    """Write the names of constraints anew in the text of the schema, as SQLite advises for what changes
    nothing of how rows are stored.
    """
    bind = op.get_bind()
    version = bind.scalar(sa.text("PRAGMA schema_version"))
    tables = bind.execute(sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
    bind.exec_driver_sql("PRAGMA writable_schema = ON")
    for table, statement in tables:
        named = re.sub(
            r'\bCONSTRAINT ("?)(\w+)\1',
            lambda found: f"CONSTRAINT {names.get(found[2], found[2])}",
            statement or "",
        )
        if named != statement:
            asked = {"named": named, "table": table}
            bind.execute(
                sa.text("UPDATE sqlite_master SET sql = :named WHERE type = 'table' AND name = :table"), asked
            )
    bind.exec_driver_sql(f"PRAGMA schema_version = {version + 1}")
    bind.exec_driver_sql("PRAGMA writable_schema = RESET")
