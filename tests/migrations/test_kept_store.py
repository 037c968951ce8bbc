"""A store of the first revision keeps its rows, its guards and a ledger that verifies, on both engines."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import pytest
from sqlalchemy import create_engine, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from portfolio.all_models import metadata
from portfolio.backup.migration import UnknownRevisionError, upgrade
from portfolio.db.care import append_only_tables
from portfolio.db.engine import Database, make_engine
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.sessions import JuryMember
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import erase_rows
from portfolio.domain.ledger.rules.acts import RECORD_TYPES, WRITTEN_COLUMNS
from portfolio.domain.ledger.tracking import backfill
from portfolio.run.maintenance import migrate
from portfolio.wording.backup import migration_refused
from tests.applications import config_for
from tests.factories import AT
from tests.holdings.ledger_builders import KEYS, signing
from tests.migrations import kept_store

pytestmark = pytest.mark.both

KEPT = kept_store.load_store()
# What is made of other rows, and made anew by a migration that changes how: lists, orders to draw pages.
MADE_ANEW = frozenset({"candidacy_listing", "certificate_listing", "rendition"})
# Hearings that were closed or suspended when the store was kept: each becomes one sitting.
SITTINGS = 2


class Upgraded(NamedTuple):
    """The address of an upgraded store, and its rows by table, before and after."""

    url: str
    before: dict[str, list[str]]
    after: dict[str, list[str]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Upgraded:
    """Return the kept store, upgraded."""
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
    before = _rows(url)
    upgrade(url)
    return Upgraded(url, before, _rows(url))


def _rows(url: str) -> dict[str, list[str]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        columns = {
            name: [column for column in KEPT[name]["columns"] if column in table.columns]
            for name, table in metadata.tables.items()
            if name in KEPT
        }
        found = {name: kept_store.rows_of(connection, name, names) for name, names in columns.items()}
    engine.dispose()
    return found


@pytest.fixture
def db(store: Upgraded) -> Iterator[Database]:
    """Give the upgraded store, opened as the application opens it."""
    database = signing(store.url)
    yield database
    database.engine.dispose()


@pytest.mark.slow
def test_every_row_is_there_as_it_was(store: Upgraded):
    before, after = (
        {name: rows for name, rows in found.items() if name not in MADE_ANEW} for found in (store.before, store.after)
    )
    assert before == after
    assert sum(map(len, store.after.values())) > 900


def test_the_ledger_verifies_the_grants_are_those_of_the_facts_and_what_follows_is_recorded(db: Database):
    # The sittings that the migration wrote, recorded when the application starts.
    with db.transaction() as session:
        assert backfill(session, at=AT) == SITTINGS
        assert backfill(session, at=AT) == 0
    with db.reader() as session:
        found = check(session, KEYS)
        assert (found.ok, found.entries, found.erased) == (True, 222 + SITTINGS, 1), found.difference
        assert recompute(session).gaps == ()
        recorded = set(session.scalars(select(LedgerEntry.record_type)))
        assert {"member", "member#2", "block_decision", "later_act", "notification"} <= recorded
    with db.transaction() as session:
        member = session.scalars(select(JuryMember).order_by(JuryMember.id)).first()
        assert member is not None
        member.trade = "Apiculture"
        notified = session.scalars(select(LedgerEntry.row_id).where(LedgerEntry.record_type == "notification")).one()
        erase_rows(session, {"result_notification": [notified]}, by=None, at=AT)
    with db.reader() as session:
        found = check(session, KEYS)
        assert (found.ok, found.erased) == (True, 2), found.difference
        later = set(session.scalars(select(LedgerEntry.record_type).where(LedgerEntry.seq > 222 + SITTINGS)))
    assert len(later) == 2
    assert all(act.partition("#")[0] in {"member", "ledger_erasure"} for act in later), later


def test_every_guard_of_before_still_refuses(db: Database):
    guarded = 0
    for table in append_only_tables():
        with db.reader() as session:
            if not session.execute(text(f'SELECT 1 FROM "{table}" LIMIT 1')).first():
                continue
        column = inspect(db.engine).get_columns(table)[-1]["name"]
        for statement in (f'UPDATE "{table}" SET "{column}" = "{column}"', f'DELETE FROM "{table}"'):
            with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
                session.execute(text(statement))
        guarded += 1
    assert guarded > 30


@pytest.mark.slow
def test_a_migration_takes_away_the_rows_that_it_says_and_no_other(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'acquis.db'}"
    kept_store.begin(url)
    engine = make_engine(url)
    new = {"id": f"'{uuid4().hex}'", "kind": "'copy'", "key": "NULL"}
    names = KEPT["rendition"]["columns"]
    copied = ", ".join(new.get(name, name) for name in names)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text(f"INSERT INTO rendition ({', '.join(names)}) SELECT {copied} FROM rendition"))
    upgrade(url)
    with engine.connect() as connection:
        assert connection.scalars(text("SELECT kind FROM rendition")).all() == ["pages"]
    engine.dispose()


@pytest.mark.parametrize(("revision", "says"), [("0050", "0001_account.py"), ("9000", "une version plus récente")])
def test_a_revision_that_is_not_known_is_refused_and_nothing_changes(
    database_url: str, tmp_path: Path, revision: str, says: str
):
    engine = make_engine(database_url)
    with engine.execution_options(writes=True).begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :name"), {"name": revision})
    with pytest.raises(UnknownRevisionError) as refused:
        list(migrate(config_for(database_url, tmp_path), AT))
    assert says in migration_refused(refused.value)
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == revision
    engine.dispose()


def test_frozen_names_are_those_of_tables_and_columns_that_exist_and_of_no_other_table():
    for table, record_type in RECORD_TYPES.items():
        assert table in metadata.tables
        assert record_type not in metadata.tables
    for table, columns in WRITTEN_COLUMNS.items():
        names = set(metadata.tables[table].columns.keys())
        assert set(columns) <= names, table
        assert not set(columns.values()) & names, table
