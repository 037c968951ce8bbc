"""The triggers by which the database itself refuses to change a table declared append-only, as SQL for a migration."""

from collections.abc import Sequence

# A draft may change; published, it may not.
PUBLISHED = "certification_version"
# What a version is published with: nothing is added to it afterwards. The value tells whether its version is
# published.
_IS_PUBLISHED = "EXISTS (SELECT 1 FROM certification_version v WHERE v.id = {version} AND v.published_at IS NOT NULL)"
_OF_RULE = _IS_PUBLISHED.format(version="(SELECT r.version_id FROM jury_rule r WHERE r.id = NEW.rule_id)")
COMPLETE: dict[str, str] = {
    "block": _IS_PUBLISHED.format(version="NEW.version_id"),
    "registration_period": _IS_PUBLISHED.format(version="NEW.version_id"),
    "competency": _IS_PUBLISHED.format(version="(SELECT b.version_id FROM block b WHERE b.id = NEW.block_id)"),
    "jury_rule": _IS_PUBLISHED.format(version="NEW.version_id"),
    "jury_rule_route": _IS_PUBLISHED.format(version="NEW.version_id"),
    "jury_rule_line": _OF_RULE,
}

REFUSAL = "append-only: this row is never changed"


def statements(dialect: str, tables: Sequence[str]) -> list[str]:
    """Return the statements that guard these tables and what is published, on "sqlite" or "postgresql"; raise
    ValueError for another engine.
    """
    if dialect == "sqlite":
        guards = [statement for table in tables for statement in _sqlite(table)]
        complete = [_sqlite_insert(table, when) for table, when in COMPLETE.items()]
        return [*guards, *_sqlite(PUBLISHED, "OLD.published_at IS NOT NULL"), *complete]
    if dialect == "postgresql":
        guards = [statement for table in tables for statement in _postgresql(table)]
        complete = [statement for table, when in COMPLETE.items() for statement in _postgresql_insert(table, when)]
        return [_POSTGRESQL_FUNCTION, *guards, *_postgresql(PUBLISHED, "OLD.published_at IS NOT NULL"), *complete]
    raise ValueError(f"no guards are written for {dialect}")


def create_trigger_statements(dialect: str, table: str) -> list[str]:
    """Return the statements that guard one table; raise ValueError for another engine."""
    if dialect == "sqlite":
        return _sqlite(table)
    if dialect == "postgresql":
        return [_POSTGRESQL_FUNCTION, *_postgresql(table)]
    raise ValueError(f"no guards are written for {dialect}")


def _sqlite(table: str, when: str = "") -> list[str]:
    # `INSERT OR REPLACE` deletes without asking the triggers unless `recursive_triggers` is on, as db.py sets
    # it.
    condition = f" WHEN {when}" if when else ""
    return [
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table}{condition} "
        f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        for verb in ("update", "delete")
    ]


def _sqlite_insert(table: str, when: str) -> str:
    return (
        f"CREATE TRIGGER {table}_complete BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT RAISE(ABORT, "
        f"'{REFUSAL}'); END"
    )


def _postgresql_insert(table: str, when: str) -> list[str]:
    # A condition of PostgreSQL's triggers holds no subquery: the function asks it.
    function = (
        f"CREATE OR REPLACE FUNCTION {table}_complete() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF "
        f"{when} THEN RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NEW; "
        "END $$"
    )
    return [
        function,
        (f"CREATE TRIGGER {table}_complete BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_complete()"),
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
