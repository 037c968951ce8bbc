"""The triggers by which the database itself refuses to change a table declared append-only, as SQL for a migration."""

from collections.abc import Sequence

from portfolio.db.care import erasable_words

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


# ruff: noqa: S608 - the names are those of our own tables


TABLE = "erased_row"
_BYTES = {"sqlite": "x''", "postgresql": "''::bytea"}


def erasure_statements(dialect: str) -> Sequence[str]:
    """Give the statements that let `erased_row` blank words, once its table and its guards exist; raise KeyError."""
    return _STATEMENTS[dialect]()


def _assignments(dialect: str, table: str) -> str:
    return ", ".join(f"{column} = {_literal(dialect, value)}" for column, value in erasable_words()[table].items())


def _literal(dialect: str, value: str | bytes | None) -> str:
    if value is None:
        return "NULL"
    return f"COALESCE(NEW.replacement, {_BYTES[dialect]})" if isinstance(value, bytes) else f"'{value}'"


def _erasable_sqlite() -> Sequence[str]:
    found = []
    for table in erasable_words():
        found += [
            f"DROP TRIGGER {table}_no_update",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} "  # nosec B608
            f"WHEN NEW.id <> OLD.id OR NOT EXISTS (SELECT 1 FROM {TABLE} e WHERE e.row_id = OLD.id) "
            f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END",
            f"CREATE TRIGGER {TABLE}_{table} AFTER INSERT ON {TABLE} WHEN NEW.table_name = '{table}' "  # nosec B608
            f"BEGIN UPDATE {table} SET {_assignments('sqlite', table)} WHERE id = NEW.row_id; END",
        ]
    return found


def _erasable_postgresql() -> Sequence[str]:
    guard = (
        "CREATE OR REPLACE FUNCTION append_only_unless_erased() RETURNS trigger LANGUAGE plpgsql AS $$ "  # nosec B608
        f"BEGIN IF pg_trigger_depth() > 1 AND EXISTS (SELECT 1 FROM {TABLE} e WHERE e.row_id = OLD.id) "
        f"THEN RETURN NEW; END IF; RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    branches = " ELSIF ".join(
        (
            f"NEW.table_name = '{table}' THEN UPDATE {table} SET {_assignments('postgresql', table)} WHERE "  # nosec B608
            "id = NEW.row_id;"
        )
        for table in erasable_words()
    )
    blank = (
        "CREATE OR REPLACE FUNCTION erase_words() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET "
        f"search_path FROM CURRENT AS $$ BEGIN IF {branches} END IF; RETURN NEW; END $$"
    )
    found = [guard, blank]
    for table in erasable_words():
        found += [
            f"DROP TRIGGER {table}_no_update ON {table}",
            f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} FOR EACH ROW "
            "EXECUTE FUNCTION append_only_unless_erased()",
        ]
    return [*found, f"CREATE TRIGGER {TABLE}_words AFTER INSERT ON {TABLE} FOR EACH ROW EXECUTE FUNCTION erase_words()"]


_STATEMENTS = {"sqlite": _erasable_sqlite, "postgresql": _erasable_postgresql}
