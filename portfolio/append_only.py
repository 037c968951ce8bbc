"""The tables that the database itself refuses to change: triggers for both engines, as SQL for a migration."""

from __future__ import annotations

# Acts and what proves them: written once, never changed, never removed.
WRITTEN_ONCE = (
    "submission",
    "submitted_block",
    "sealed_file",
    "minutes",
    "block_decision",
    "competency_finding",
    "block_grant",
    "award",
    "certificate",
    "ledger_entry",
    "ledger_head",
    "ledger_erasure",
    "journal_line",
    # A version is published with these; a correction is a new version.
    "block",
    "competency",
    "registration_period",
)
# A draft may change; published, it may not.
PUBLISHED = "certification_version"

REFUSAL = "append-only: this row is never changed"


def statements(dialect: str) -> list[str]:
    """Give the statements that install every guard on an engine ("sqlite" or "postgresql"); raises ValueError for another."""
    if dialect == "sqlite":
        return [*(one for table in WRITTEN_ONCE for one in _sqlite(table)), *_sqlite(PUBLISHED, "OLD.published_at IS NOT NULL")]
    if dialect == "postgresql":
        guards = [one for table in WRITTEN_ONCE for one in _postgresql(table)]
        return [_POSTGRESQL_FUNCTION, *guards, *_postgresql(PUBLISHED, "OLD.published_at IS NOT NULL")]
    raise ValueError(f"no guards are written for {dialect}")


def drop_statements(dialect: str) -> list[str]:
    """Give the statements that take every guard away, for a migration that goes back; raises ValueError."""
    tables = (*WRITTEN_ONCE, PUBLISHED)
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {table}_no_{verb}" for table in tables for verb in ("update", "delete")]
    if dialect == "postgresql":
        names = [(table, f"{table}_no_{verb}") for table in tables for verb in ("update", "delete", "truncate")]
        return [f"DROP TRIGGER IF EXISTS {name} ON {table}" for table, name in names] + ["DROP FUNCTION IF EXISTS append_only()"]
    raise ValueError(f"no guards are written for {dialect}")


def _sqlite(table: str, when: str = "") -> list[str]:
    # `INSERT OR REPLACE` deletes without asking the triggers unless `recursive_triggers` is on, as db.py sets it.
    condition = f" WHEN {when}" if when else ""
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for verb in ("update", "delete")
    ]


_POSTGRESQL_FUNCTION = f"""
CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END
$$
"""


def _postgresql(table: str, when: str = "") -> list[str]:
    condition = f" WHEN ({when})" if when else ""
    refuse = "EXECUTE FUNCTION append_only()"
    rows = [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} FOR EACH ROW{condition} {refuse}"
        for verb in ("update", "delete")
    ]
    return [*rows, f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT {refuse}"]
