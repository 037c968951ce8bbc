"""Facts cannot be changed by any route, on either store."""

from collections.abc import Iterator

import pytest
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DBAPIError

from portfolio.db.append_only import PUBLISHED, statements
from portfolio.db.care import append_only_tables
from portfolio.db.engine import Database
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.holdings.models.grants import Certificate
from portfolio.domain.holdings.use_cases.signatures import sign
from portfolio.domain.ledger.recording import erase_rows
from tests import factories
from tests.guards import drop_statements
from tests.holdings.insider import fill
from tests.holdings.ledger_builders import heard, signing
from tests.jury.builders import close
from tests.notification.builders import speak, tell
from tests.snapshots import Stories

pytestmark = pytest.mark.both


def everything(url: str) -> None:
    """Give every guarded table its rows: a whole obtained, recorded and signed, an entry made unreadable."""
    database = signing(url)
    (made,) = heard(database, 1)
    close(database, made)
    with database.transaction() as session:
        # That of a block: the parchment of the whole is not signed for a holder whose birth is not known.
        certificate = session.scalars(select(Certificate.id).where(Certificate.grant_id.is_not(None))).first()
        erase_rows(session, {"certificate": [certificate]}, by=made.certifier.id, at=factories.AT)
    speak(database, made)
    tell(database, made)
    with database.transaction() as session:
        sign(session, made.body_id, [certificate], by=made.certifier.id, at=factories.AT)
    fill(database, append_only_tables())
    database.engine.dispose()


@pytest.fixture
def facts(database_url: str, stories: Stories) -> Iterator[Database]:
    """A store where every guarded table has rows."""
    stories.begin(database_url, "everything", everything)
    database = signing(database_url)
    yield database
    database.engine.dispose()


def attempt(db: Database, statement: str) -> str:
    """Run a statement that must be refused; answer what the store said."""
    with pytest.raises(DBAPIError) as refused, db.transaction() as session:
        session.execute(text(statement))
    return str(refused.value)


def rows(db: Database, table: str) -> list:
    with db.reader() as session:
        return sorted(map(str, session.execute(text(f"SELECT * FROM {table}")).all()))


@pytest.mark.parametrize("table", [*append_only_tables(), PUBLISHED])
def test_a_row_of_a_written_fact_is_neither_changed_nor_removed(facts: Database, table: str) -> None:
    before = rows(facts, table)
    assert before
    column = inspect(facts.engine).get_columns(table)[-1]["name"]
    routes = [f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}"]
    if facts.engine.dialect.name == "postgresql":
        routes += [f"TRUNCATE {table} CASCADE"]
    else:
        routes += [
            f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            f"UPDATE OR REPLACE {table} SET {column} = {column}",
        ]
    for route in routes:
        assert "append-only" in attempt(facts, route)
    assert rows(facts, table) == before


def test_a_version_is_changed_and_published_while_it_is_a_draft_and_never_after(db: Database) -> None:
    with db.transaction() as session:
        version = factories.published_version(session, factories.body(session).id)
        draft = CertificationVersion(
            certification_id=version.certification_id, number=2, entry={}, title="Brouillon", imported_at=factories.AT
        )
        session.add(draft)
    for change in ("title = 'Corrigé'", "published_at = '2026-03-02 09:00:00+00:00'"):
        with db.transaction() as session:
            session.execute(text(f"UPDATE certification_version SET {change} WHERE number = 2"))
    assert "append-only" in attempt(db, "UPDATE certification_version SET published_at = NULL WHERE number = 2")


def test_a_draft_version_can_still_be_thrown_away(db: Database) -> None:
    with db.transaction() as session:
        version = factories.published_version(session, factories.body(session).id)
        place = {"certification_id": version.certification_id, "number": 2, "entry": {}}
        session.add(CertificationVersion(**place, title="Brouillon", imported_at=factories.AT))
    with db.transaction() as session:
        session.execute(text("DELETE FROM certification_version WHERE number = 2"))
    assert len(rows(db, "certification_version")) == 1


def test_the_guards_are_taken_away_whole_and_put_back(facts: Database) -> None:
    dialect = facts.engine.dialect.name
    with facts.transaction() as session:
        for statement in drop_statements(dialect):
            session.execute(text(statement))
        session.execute(text("UPDATE audit_event SET action = action"))
        for statement in statements(dialect, append_only_tables()):
            session.execute(text(statement))
    assert "append-only" in attempt(facts, "UPDATE audit_event SET action = action")


def test_an_engine_without_guards_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        statements("mysql", ())
    with pytest.raises(ValueError, match="mysql"):
        drop_statements("mysql")


@pytest.mark.parametrize("table", ["block", "competency", "registration_period"])
def test_nothing_is_added_to_a_published_version(facts: Database, table: str) -> None:
    before = rows(facts, table)
    columns = [column["name"] for column in inspect(facts.engine).get_columns(table)]
    identity = {"sqlite": "lower(hex(randomblob(16)))", "postgresql": "gen_random_uuid()"}[facts.engine.dialect.name]
    values = ", ".join({"id": identity, "number": "number + 50"}.get(name, name) for name in columns)
    assert "append-only" in attempt(
        facts, f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {table} LIMIT 1"
    )
    assert rows(facts, table) == before
