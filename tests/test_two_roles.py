"""On PostgreSQL the application has a role of its own: it adds facts and reads them, and nothing it does can
bend one.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ProgrammingError

from portfolio import create_app
from portfolio.all_models import metadata
from portfolio.backup.migration import UnknownRoleError, application_role, upgrade
from portfolio.db.append_only import PUBLISHED
from portfolio.db.care import append_only_tables
from portfolio.db.engine import Database, make_engine
from portfolio.db.maintenance import compact
from portfolio.domain.account.models import Person
from portfolio.domain.integrity_checks.rules import State
from portfolio.domain.integrity_checks.verification import check
from portfolio.domain.jury.models.deliberation import Minutes
from portfolio.domain.ledger.recording import SIGNER, erase_rows
from portfolio.on_commit import open_database
from portfolio.run.doctor import examine
from portfolio.web.clock import now
from tests.applications import close_app, config_for
from tests.holdings.ledger_builders import KEYS, SIGNED_BY, entries_in, heard
from tests.jury.builders import ON_THE_DAY, close
from tests.retention.planner_statistics import values_kept_of
from tests.snapshots import share_key

ORDINARY = sorted(set(metadata.tables) - set(append_only_tables()))


@dataclass
class Installation:
    """One database, its owner's address and the application's."""

    owner: str
    application: str
    role: str


def _admin(url: URL, statement: str) -> None:
    engine = make_engine(url.render_as_string(hide_password=False))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql(statement)
    engine.dispose()


@pytest.fixture(scope="module")
def installed(postgresql_server: str) -> Iterator[Installation]:
    """A database whose owner migrated it, and an application that may do less."""
    server, mark = make_url(postgresql_server), uuid4().hex[:8]
    owner, role, name = f"owner_{mark}", f"Application {mark}", f"roles_{mark}"
    for one in (owner, role):
        _admin(server, f"CREATE ROLE \"{one}\" LOGIN PASSWORD 'secret'")
    _admin(server, f'CREATE DATABASE "{name}" OWNER "{owner}"')
    addresses = [
        server.set(username=one, password="secret", database=name).render_as_string(hide_password=False)
        for one in (owner, role)
    ]
    upgrade(addresses[0], application_url=addresses[1])
    yield Installation(*addresses, role)
    _admin(server, f'DROP DATABASE "{name}" WITH (FORCE)')
    for one in (role, owner):
        _admin(server, f'DROP ROLE "{one}"')


@pytest.fixture
def application(installed: Installation) -> Iterator[Database]:
    """Give the store as the application opens it."""
    database = open_database(installed.application, {SIGNER: SIGNED_BY})
    yield database
    database.engine.dispose()


def refused(database: Database, statement: str) -> str:
    with pytest.raises(ProgrammingError) as error, database.transaction() as session:
        session.execute(text(statement))
    return str(error.value.orig)


@pytest.mark.slow
@pytest.mark.parametrize("table", append_only_tables())
def test_the_application_can_neither_change_remove_nor_empty_a_fact(installed, application, table):
    column = next(iter(metadata.tables[table].columns)).name
    for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table} CASCADE"):
        assert "permission denied" in refused(application, statement), statement


@pytest.mark.parametrize("table", append_only_tables())
def test_the_application_cannot_take_the_guards_away(installed, application, table):
    for statement in (
        f"DROP TRIGGER {table}_no_update ON {table}",
        f"ALTER TABLE {table} DISABLE TRIGGER ALL",
        f"DROP TABLE {table} CASCADE",
        f"ALTER TABLE {table} RENAME TO elsewhere",
        f"CREATE TRIGGER t BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()",
        f"CREATE RULE r AS ON INSERT TO {table} DO INSTEAD NOTHING",
    ):
        said = refused(application, statement)
        assert any(word in said for word in ("must be owner", "permission denied", "must be able")), (statement, said)


def test_a_right_the_application_gives_itself_is_void(installed, application):
    with application.transaction() as session:
        session.execute(text("GRANT UPDATE, DELETE ON award TO CURRENT_USER"))
    assert "permission denied" in refused(application, "UPDATE award SET serial = serial")


@pytest.mark.parametrize(
    "statement",
    [
        "SET session_replication_role = replica",
        "CREATE OR REPLACE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (id integer)",
        "UPDATE alembic_version SET version_num = '0001'",
    ],
)
def test_the_application_cannot_go_round_the_guards(application, statement):
    said = refused(application, statement)
    assert "permission denied" in said or "must be owner" in said


@pytest.mark.parametrize("table", ORDINARY)
def test_the_application_does_its_work_on_the_other_tables(application, table):
    column = next(iter(metadata.tables[table].columns)).name
    with application.transaction() as session:
        session.execute(text(f"UPDATE {table} SET {column} = {column} WHERE false"))
        session.execute(text(f"DELETE FROM {table} WHERE false"))
    assert "permission denied" in refused(application, f"TRUNCATE {table} CASCADE")
    assert PUBLISHED in ORDINARY


def test_the_application_takes_deleted_values_out_of_the_statistics(installed, application):
    """After an erasure no name is left; before PostgreSQL 17 that is the work of the owner."""
    with application.transaction() as session:
        for name in ("deleted", "kept"):
            for number in range(9):
                email = f"{name}{number}@exemple.fr"
                session.add(Person(email=email, name=name, created_at=ON_THE_DAY))
    compact(application)
    assert {"deleted", "kept"} <= values_kept_of(application, "person")
    with application.transaction() as session:
        session.execute(text("DELETE FROM person WHERE name = 'deleted'"))
    compact(application)
    assert "deleted" not in values_kept_of(application, "person")


def test_a_whole_path_from_draft_to_certificate_needs_no_more_rights(installed, application):
    (made,) = heard(application, 1)
    close(application, made)
    with application.transaction() as session:
        minutes = session.query(Minutes).one().id
        erase_rows(session, {"minutes": [minutes]}, by=made.certifier.id, at=ON_THE_DAY)
    with application.reader() as session:
        answer = check(session, KEYS)
    assert answer.ok
    assert (answer.entries, answer.erased) == (entries_in(application), 1)


def test_the_doctor_finds_the_database_of_two_roles_sound(installed, tmp_path):
    share_key(tmp_path)
    config = config_for(installed.application, tmp_path).with_changes(database_owner_url=installed.owner)
    app = create_app(config)
    found = {finding.check: finding for finding in examine(app, now())}
    close_app(app)
    assert found["database"].state is State.OK
    assert {name for name, finding in found.items() if finding.state is State.WRONG} <= {"worker", "walls", "room"}


def test_migrating_again_takes_back_what_was_given_by_mistake(installed, application):
    owner = make_engine(installed.owner)
    with owner.begin() as connection:
        connection.exec_driver_sql(f'GRANT ALL ON award TO "{installed.role}"')
    owner.dispose()
    upgrade(installed.owner, application_url=installed.application)
    assert "permission denied" in refused(application, "DELETE FROM award")


def test_a_role_that_does_not_exist_yet_is_told(installed):
    nobody = make_url(installed.application).set(username="personne").render_as_string(hide_password=False)
    with pytest.raises(UnknownRoleError, match="personne"):
        upgrade(installed.owner, application_url=nobody)


@pytest.mark.slow
def test_a_start_without_the_role_of_the_application_says_so_in_a_line(installed, tmp_path):
    nobody = make_url(installed.application).set(username="personne").render_as_string(hide_password=False)
    settings = {"DATABASE_URL": nobody, "DATABASE_OWNER_URL": installed.owner, "DATA": str(tmp_path), "DEMO": "0"}
    command = [sys.executable, "-m", "portfolio.run.bootstrap", "prepare"]
    done = subprocess.run(command, env=os.environ | settings, capture_output=True, text=True)
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert "«\u00a0personne\u00a0» de DATABASE_URL n’existe pas" in line


def test_one_role_for_all_or_a_store_without_roles_needs_no_rights():
    url = "postgresql://acquis@localhost/acquis"
    assert application_role(url, "") is None
    assert application_role(url, url) is None
    assert application_role("sqlite:///a.db", "sqlite:///a.db") is None
    assert application_role(url, "postgresql://web@localhost/acquis") == "web"
