"""A store of before the renames keeps its rows, its guards and a ledger that verifies, on both engines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from portfolio.all_models import metadata
from portfolio.db.append_only import APPEND_ONLY_TABLES
from portfolio.db.engine import Database
from portfolio.db.migration import upgrade
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.raw_rows import columns_of
from portfolio.domain.ledger.recording import erase
from portfolio.domain.ledger.rules.acts import COVERED, act_of, table_named
from portfolio.domain.ledger.rules.recorded_names import RECORD_TYPES, WRITTEN_COLUMNS
from portfolio.domain.ledger.verification import check
from tests.certificate.ledger_builders import KEYS, signing
from tests.factories import AT
from tests.former_names import RENAMED
from tests.migrations import kept_store

KEPT = kept_store.load_store()
FORMER = {new: old for old, new in RENAMED.TABLES.items()}


class Upgraded(NamedTuple):
    """The address of an upgraded store, and its rows by table, before and after."""

    url: str
    before: dict[str, list[str]]
    after: dict[str, list[str]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """The kept store, upgraded."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('kept') / 'acquis.db'}"
    else:
        name = f"kept_{uuid4().hex[:12]}"
        server = make_url(request.getfixturevalue("postgresql_server")).set(drivername="postgresql+psycopg")
        admin = create_engine(server, isolation_level="AUTOCOMMIT")
        with admin.connect() as connection:
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"')
        admin.dispose()
        url = server.set(database=name).render_as_string(hide_password=False)
    kept_store.begin(url)
    names = [name for name in metadata.tables if FORMER.get(name, name) in KEPT]
    before = _rows(url, [FORMER.get(name, name) for name in names])
    upgrade(url, RENAMED.revision)
    after = _rows(url, names)
    upgrade(url)
    return Upgraded(url, before, after)


def _rows(url: str, names: list[str]) -> dict[str, list[str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {name: kept_store.rows_of(connection, name) for name in names}
    engine.dispose()
    return found


@pytest.fixture
def db(store: Upgraded) -> Iterator[Database]:
    """The upgraded store, opened as the application opens it."""
    database = signing(store.url)
    yield database
    database.engine.dispose()


def test_every_row_is_there_under_the_new_name_as_it_was(store: Upgraded):
    assert {name: store.before[FORMER.get(name, name)] for name in store.after} == store.after
    assert sum(map(len, store.after.values())) > 900
    engine = create_engine(store.url)
    assert not set(FORMER.values()) & set(inspect(engine).get_table_names())
    engine.dispose()


def test_the_ledger_verifies_the_grants_are_those_of_the_facts_and_what_follows_is_recorded(db: Database):
    with db.reader() as session:
        found = check(session, KEYS)
        assert (found.ok, found.entries, found.erased) == (True, 222, 1), found.difference
        assert recompute(session).gaps == ()
        recorded = set(session.scalars(select(LedgerEntry.record_type)))
        assert {"member", "member#2", "block_decision", "later_act", "notification"} <= recorded
    with db.transaction() as session:
        member = session.scalars(select(JuryMember).order_by(JuryMember.id)).first()
        assert member is not None
        member.trade = "Apiculture"
        notified = session.scalars(
            select(LedgerEntry.row_id).where(LedgerEntry.record_type == "notification")
        ).one()
        erase(session, "result_notification", notified, by=None, at=AT)
    with db.reader() as session:
        found = check(session, KEYS)
        assert (found.ok, found.erased) == (True, 2), found.difference
        later = set(session.scalars(select(LedgerEntry.record_type).where(LedgerEntry.seq > 222)))
    assert len(later) == 2
    assert all(act.partition("#")[0] in {"member", "ledger_erasure"} for act in later), later


def test_every_guard_of_before_still_refuses_under_the_new_names(db: Database):
    guarded = 0
    for table in APPEND_ONLY_TABLES:
        with db.reader() as session:
            if not session.execute(text(f'SELECT 1 FROM "{table}" LIMIT 1')).first():
                continue
        column = inspect(db.engine).get_columns(table)[-1]["name"]
        for statement in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
            with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
                session.execute(text(statement))
        guarded += 1
    assert guarded > 30


def test_no_guard_index_or_constraint_bears_a_former_name(db: Database):
    names = {
        "sqlite": "SELECT tbl_name, name FROM sqlite_master WHERE type IN ('index', 'trigger')",
        "postgresql": "SELECT t.relname, g.tgname FROM pg_trigger g JOIN pg_class t ON t.oid = g.tgrelid "
        "WHERE NOT g.tgisinternal UNION ALL SELECT tablename, indexname FROM pg_indexes "
        "WHERE schemaname = 'public' UNION ALL SELECT t.relname, c.conname FROM pg_constraint c "
        "JOIN pg_class t ON t.oid = c.conrelid WHERE t.relname IN (SELECT tablename FROM pg_tables "
        "WHERE schemaname = 'public')",
    }
    with db.reader() as session:
        listed = [tuple(row) for row in session.execute(text(names[db.engine.dialect.name]))]
    seen = inspect(db.engine)
    for table in FORMER:
        listed += [(table, each["name"]) for each in seen.get_check_constraints(table)]
        listed += [(table, each["name"]) for each in seen.get_foreign_keys(table)]
        listed += [(table, each["name"]) for each in seen.get_unique_constraints(table)]
        listed.append((table, seen.get_pk_constraint(table)["name"]))
    of_renamed = [(table, name) for table, name in listed if table in FORMER and name]
    assert len(of_renamed) > 150
    assert not [
        (table, name)
        for table, name in of_renamed
        if name.removeprefix("sqlite_autoindex_")[: len(table)] != table and name[3 : 3 + len(table)] != table
    ]


@pytest.mark.parametrize("table", [name for name in COVERED if FORMER.get(name, name) in KEPT])
def test_digests_are_made_with_the_names_that_tables_and_columns_had(table: str):
    kept = KEPT[FORMER.get(table, table)]["columns"]
    written = {column.written: column.label for column in columns_of(metadata.tables[table])}
    assert act_of(table, 1) == FORMER.get(table, table)
    assert table_named(act_of(table, 1)) == table
    # A column that came later has the name that it came with.
    assert {name: written[name] for name in kept} == {
        name: f"{FORMER.get(table, table)}.{name}\0".encode() for name in kept
    }


def test_frozen_names_are_those_of_tables_and_columns_that_exist_and_of_no_other_table():
    for table, record_type in RECORD_TYPES.items():
        assert table in metadata.tables
        assert record_type not in metadata.tables
    for table, columns in WRITTEN_COLUMNS.items():
        names = set(metadata.tables[table].columns.keys())
        assert set(columns) <= names, table
        assert not set(columns.values()) & names, table
