"""Check that what reads PostgreSQL keeps its statements prepared from one request to the next, and can write
nothing.
"""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import InternalError, OperationalError, ProgrammingError

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.on_commit import open_database

PREPARED = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%count(person.id)%'")
TIMES = 8  # psycopg prepares a statement at its sixth execution


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    made = open_database(postgresql_url)
    yield made
    made.engine.dispose()


def read(database: Database, times: int) -> int:
    """Read so many times, each in a session of its own; how many of the statement the server keeps."""
    for _ in range(times):
        with database.reader() as session:
            assert session.scalar(select(func.count(Person.id))) == 0
    with database.reader() as session:
        return session.scalar(PREPARED)


def test_a_statement_stays_prepared_after_the_session_that_read_it(database: Database) -> None:
    assert read(database, 2) == 0
    assert read(database, TIMES) == 1


def test_a_read_that_failed_leaves_a_connection_that_reads(database: Database) -> None:
    assert read(database, TIMES) == 1
    with database.reader() as session, pytest.raises(ProgrammingError):
        session.execute(text("SELECT nothing FROM nowhere"))
    assert read(database, TIMES) == 1


@pytest.mark.parametrize("asks_again", [False, True])
def test_a_reader_whose_server_dies_ends_without_a_fault(database: Database, asks_again: bool) -> None:
    session = database.reader()
    lost = session.scalar(text("SELECT pg_backend_pid()"))
    with database.transaction() as other:
        other.execute(text("SELECT pg_terminate_backend(:lost)"), {"lost": lost})
    if asks_again:
        with pytest.raises(OperationalError):
            session.scalar(text("SELECT 1"))
    session.close()
    assert read(database, 1) == 0, "another connection takes its place"


def test_what_reads_writes_nothing_and_the_next_transaction_writes(database: Database) -> None:
    renamed = text("UPDATE person SET name = name")
    with database.reader() as session, pytest.raises(InternalError, match="read-only transaction"):
        session.execute(renamed)
    with database.transaction() as session:
        session.execute(renamed)
    assert read(database, 1) == 0
