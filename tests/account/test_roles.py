"""Check what a connected person is: told by one entry of an index for each role, on both stores."""

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import literal, select, text

from portfolio.access.login import load_user_by_token
from portfolio.db.engine import Database
from portfolio.db.sql_functions import appears_in
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.candidacy.models import Candidacy
from portfolio.on_commit import open_database
from tests import factories
from tests.factories import AT

SMALLEST, LARGEST = UUID(int=0), UUID(int=2**128 - 1)


@pytest.fixture
def world(db: Database) -> factories.World:
    with db.transaction() as session:
        return factories.world(session, filled=False)


def test_a_value_appears_where_it_is_and_nowhere_else(db, world):
    with db.reader() as session:
        people = session.scalars(select(Person.id)).all()
        for value in (*people, SMALLEST, LARGEST):
            found = session.scalar(select(appears_in(Candidacy.advisor_id, literal(value))))
            assert bool(found) is (value == world.advisor.id), value


def test_a_value_appears_nowhere_in_an_empty_table(db):
    with db.reader() as session:
        assert not session.scalar(select(appears_in(Candidacy.advisor_id, literal(SMALLEST))))


def test_each_has_the_roles_of_their_relations(db, world):
    for person, expected in (
        (world.advisor, (False, True, False)),
        (world.certifier, (True, False, False)),
        (world.candidate, (False, False, False)),
    ):
        with db.transaction() as session:
            token = start_session(session, person.id, timedelta(hours=12), at=AT)
        with db.reader() as session:
            roles = load_user_by_token(session, token, at=AT).roles
        assert (roles.certifies, roles.advises, roles.sits) == expected, person.name
        assert bool(roles.candidacies) is (person is world.candidate)


def test_postgresql_reads_no_table_of_candidacies_for_a_person_who_accompanies_nobody(postgresql_url):
    """One advisor accompanies everyone: PostgreSQL would expect to meet any advisor in the first row."""
    db = open_database(postgresql_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    columns = [column.name for column in Candidacy.__table__.columns if column.computed is None]
    values = ", ".join("gen_random_uuid()" if name == "id" else name for name in columns)
    with db.engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for _ in range(13):
            connection.execute(text(f"INSERT INTO candidacy ({', '.join(columns)}) SELECT {values} FROM candidacy"))
        connection.execute(text("ANALYZE candidacy"))
    asked = select(appears_in(Candidacy.advisor_id, literal(world.candidate.id)))
    compiled = asked.compile(db.engine, compile_kwargs={"literal_binds": True})
    with db.engine.connect() as connection:
        plan = "\n".join(connection.scalars(text(f"EXPLAIN {compiled}")))
    assert "ix_candidacy_advisor_id" in plan
    assert "Seq Scan" not in plan
    db.engine.dispose()
