"""An upgrade stops nobody: what a migration may do while processes of the version before are at work."""

import ast
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Table, UniqueConstraint, create_engine, event, inspect, text

from portfolio.all_models import metadata
from portfolio.backup.migration import MIGRATIONS, BusyDatabaseError, ForeignTablesError, needed_revision, upgrade
from portfolio.db.concurrent_index import create_index_while_in_use
from portfolio.wording.backup import migration_refused
from tests.migrations.test_side_by_side import empty_database

# Migrations after this one keep to the rule.
LAST_FREE = "0113"
# Each takes away, or makes compulsory, what processes of the version before still use.
DESTRUCTIVE = {
    "drop_column", "drop_table", "drop_constraint", "rename_table", "alter_column", "batch_alter_table",
    "create_check_constraint", "create_unique_constraint", "create_foreign_key", "create_index",
}  # fmt: skip
WORDS = ("DROP ", "RENAME ", "ALTER COLUMN", "SET NOT NULL", "TRUNCATE", "CREATE INDEX")


def faults(source: str) -> list[str]:
    """Return what a migration does that the version before does not stand; nothing once it names where the new way
    was added, in `EXPANDED_IN`, an earlier revision that has been released.
    """
    tree = ast.parse(source)
    named = {
        target.id: node.value.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    if named.get("EXPANDED_IN", "9999") < named["revision"]:
        return []
    new = {
        call.args[0].value
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and _name(call) == "create_table" and isinstance(call.args[0], ast.Constant)
    }
    found = []
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        name, table = _name(call), _table(call)
        if name in DESTRUCTIVE and table not in new:
            found.append(name)
        if name == "add_column" and "nullable=False" in ast.unparse(call) and "server_default" not in ast.unparse(call):
            found.append("add_column")
        if name in ("execute", "text"):
            words = ast.unparse(call).upper()
            found += [word.strip() for word in WORDS if word in words and "TRIGGER" not in words]
    return found


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _table(call: ast.Call) -> object:
    place = 1 if _name(call) in ("create_index", "create_check_constraint", "create_unique_constraint") else 0
    given = call.args[place] if len(call.args) > place else None
    return given.value if isinstance(given, ast.Constant) else None


# Their rows are never removed, and the lists that ask by them have indexes of their own.
NEVER_REMOVED = {"person", "certifying_body", "certification_version", "block", "competency"}
ENGINES = ("sqlite", "postgresql")


def test_a_migration_takes_nothing_away_in_the_step_that_adds():
    wrong = {
        path.name: found
        for path in sorted((MIGRATIONS / "versions").glob("*.py"))
        if path.name[:4] > LAST_FREE and (found := faults(path.read_text()))
    }
    assert not wrong, f"expand, then contract (CONTRIBUTING.md): {wrong}"


@pytest.mark.parametrize(
    ("body", "wrong"),
    [
        ('op.drop_column("person", "name")', ["drop_column"]),
        ('op.add_column("person", sa.Column("x", sa.Text(), nullable=False))', ["add_column"]),
        ('op.add_column("person", sa.Column("x", sa.Text(), nullable=False, server_default=""))', []),
        ('op.add_column("person", sa.Column("x", sa.Text(), nullable=True))', []),
        ('op.alter_column("person", "name", new_column_name="x")', ["alter_column"]),
        ('op.execute("ALTER TABLE person DROP COLUMN name")', ["DROP"]),
        ('op.create_index("ix", "person", ["name"])', ["create_index"]),
        ('create_index_while_in_use(op, "ix", "person", ["name"])', []),
        ('op.create_table("new"); op.create_index("ix", "new", ["name"])', []),
    ],
)
def test_the_rule_reads_what_a_migration_does(body, wrong):
    assert faults(f'revision = "0200"\n{body}\n') == wrong
    assert faults(f'revision = "0200"\nEXPANDED_IN = "0150"\n{body}\n') == []
    assert faults(f'revision = "0200"\nEXPANDED_IN = "0200"\n{body}\n') == wrong, "not in the same step"


def test_an_index_is_made_while_others_write_and_again_after_a_failure(postgresql_url):
    engine = create_engine(postgresql_url)

    def make(table="person"):
        with engine.connect() as connection:
            context = MigrationContext.configure(connection, opts={"transactional_ddl": True})
            with context.begin_transaction():
                create_index_while_in_use(Operations(context), "ix_tried", table, ["name"])

    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *heard: said.append(heard[2]))
    make()
    make()
    made = [statement for statement in said if "CREATE INDEX" in statement]
    assert len(made) == 1, "made already"
    assert "CONCURRENTLY" in made[0]
    assert "ix_tried" in {index["name"] for index in inspect(engine).get_indexes("person")}
    with engine.begin() as connection:
        connection.execute(text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_tried'::regclass"))
    make()
    with engine.connect() as connection:
        valid = text("SELECT indisvalid FROM pg_index WHERE indexrelid = 'ix_tried'::regclass")
        assert connection.scalar(valid)
    engine.dispose()


def _indexed_first(table: Table) -> set[str]:
    """Return the columns by which any query finds rows of a table: a partial index serves only its own."""
    whole = [
        index
        for index in table.indexes
        if not any(index.dialect_options[name]["where"] is not None for name in ENGINES)
    ]
    unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
    lists = [table.primary_key.columns, *(one.columns for one in unique), *(one.expressions for one in whole)]
    return {column.name for first in lists for column in list(first)[:1] if isinstance(column, Column)}


def test_a_foreign_key_has_an_index_that_any_query_can_use():
    missing = [
        f"{table.name}.{key.parent.name}"
        for table in metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name not in NEVER_REMOVED and key.parent.name not in _indexed_first(table)
    ]
    assert missing == ["candidacy_listing.session_id"], "it is asked within its body, by an index of its own"


def test_healthz_says_which_tables_a_process_needs_and_which_it_sees(app, client, store):
    newest = max(path.name[:4] for path in (MIGRATIONS / "versions").glob("0*.py"))
    assert needed_revision() == newest
    found = client.get("/healthz")
    assert (found.status_code, found.json["schema"]) == (200, {"needs": newest, "sees": newest})
    for seen, status, code in (("0001", "behind", 503), ("9999", "ok", 200)):
        with store.engine.execution_options(writes=True).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = :seen"), {"seen": seen})
        found = client.get("/healthz")
        assert (found.status_code, found.json["status"]) == (code, status)
        assert found.json["schema"]["sees"] == seen


@pytest.mark.slow
def test_a_table_in_use_delays_its_step_and_stops_nobody(postgresql_server, monkeypatch):
    """Somebody reads for long a table that a step changes: the steps before it are done, and others read on."""
    monkeypatch.setattr("portfolio.backup.migration.BUSY_SECONDS", 60)
    with empty_database(postgresql_server) as url:
        upgrade(url, "0139")
        engine = create_engine(url)
        seen = text("SELECT version_num FROM alembic_version")
        with engine.connect() as reading, ThreadPoolExecutor(1) as pool:
            reading.execute(text("SELECT count(*) FROM assessment_result"))
            upgraded = pool.submit(upgrade, url)
            waits, revision = [], ""
            until = time.monotonic() + 60
            while len(waits) < 60 or revision != "0144":
                assert time.monotonic() < until, "the steps before it are committed"
                began = time.monotonic()
                with engine.connect() as other:
                    revision = other.scalar(seen)
                    other.execute(text("SELECT count(*) FROM candidacy, assessment_result"))
                waits.append(time.monotonic() - began)
                time.sleep(0.1)
            assert not upgraded.done()
            reading.rollback()
            upgraded.result(60)
        with engine.connect() as connection:
            assert connection.scalar(seen) == needed_revision()
        engine.dispose()
    assert max(waits) < 4, "the application waits five seconds for a lock"


def test_a_table_that_stays_in_use_is_told(postgresql_server, monkeypatch):
    monkeypatch.setattr("portfolio.backup.migration.BUSY_SECONDS", 2)
    with empty_database(postgresql_server) as url:
        upgrade(url, "0144")
        engine = create_engine(url)
        with engine.connect() as reading:
            reading.execute(text("SELECT count(*) FROM assessment_result"))
            with pytest.raises(BusyDatabaseError) as error:
                upgrade(url)
        engine.dispose()
    assert "recommencez" in migration_refused(error.value)


def test_a_database_that_has_tables_of_another_program_is_refused(postgresql_server):
    with empty_database(postgresql_server) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE clients (name TEXT)"))
        with pytest.raises(ForeignTablesError) as error:
            upgrade(url)
        assert inspect(engine).get_table_names() == ["clients"]
        engine.dispose()
    assert "celle d’un autre programme (tables clients)" in migration_refused(error.value)
