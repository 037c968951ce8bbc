"""The words of guarded tables that a lawful erasure may blank, and the triggers that blank them on both engines.

A row of `erased_row` is the order: the database itself blanks the words of the row that it names, and the guard of the
table lets nothing else change. On PostgreSQL the trigger runs as its owner: the application's role never may update a
fact.
"""

# ruff: noqa: S608 - the names are those of our own tables

from collections.abc import Sequence

from portfolio.db.append_only import REFUSAL
from portfolio.db.care import erasable_words

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


def _sqlite() -> Sequence[str]:
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


def _postgresql() -> Sequence[str]:
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


_STATEMENTS = {"sqlite": _sqlite, "postgresql": _postgresql}
