"""A database whose own files are damaged is told by the checks, and no backup is made of it."""

import random
from dataclasses import replace
from pathlib import Path

import pysqlite3
import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url

from portfolio.backup.create import Installation, create_backup
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.repository import Repository
from portfolio.db.maintenance import find_damage
from portfolio.domain.integrity_checks.models import IntegrityCheck
from portfolio.on_commit import open_database
from portfolio.run.worker import integrity_checks
from portfolio.web.clock import now
from portfolio.wording.backup import failure_message
from portfolio.wording.ledger import check_messages
from tests import factories
from tests.postgresql import copy, fresh_database, run

GARBAGE = random.Random(7).randbytes


def _damage(path: Path, table: str) -> int:
    """Write over a page of a table that holds rows; return its number."""
    connection = pysqlite3.connect(path)
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(GARBAGE(size))
    return page


@pytest.fixture
def broken(sqlite_url, tmp_path):
    """A database with a damaged page, at the root of a table or of an index that no check reads by itself."""
    database = open_database(sqlite_url)
    with database.transaction() as session:
        factories.world(session)
    database.engine.dispose()
    return Path(make_url(sqlite_url).database or "")


@pytest.mark.parametrize(
    "name", ["account_token", "message", "login_session", "ix_audit_event_actor_id", "outgoing_email", "experience"]
)
def test_a_damaged_page_of_sqlite_is_found_wherever_it_is(broken, sqlite_url, name):
    assert find_damage(sqlite_url) == find_damage(sqlite_url, whole=True) == ""
    _damage(broken, name)
    assert find_damage(sqlite_url)


def test_a_row_that_its_index_no_longer_has_is_found_by_the_whole_check(broken, sqlite_url):
    connection = pysqlite3.connect(broken)
    connection.execute("PRAGMA writable_schema = ON")
    (page,) = (
        connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'uq_person_email'").fetchone()
        or connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'index' AND tbl_name = 'person' LIMIT 1"
        ).fetchone()
    )
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with broken.open("r+b") as file:
        file.seek((page - 1) * size)
        header = bytearray(file.read(8))
        header[3:5] = (0).to_bytes(2, "big")  # no cell any more
        file.seek((page - 1) * size)
        file.write(header)
    assert find_damage(sqlite_url, whole=True)


def test_a_page_of_postgresql_that_cannot_be_read_is_found(postgresql_server):
    with fresh_database(postgresql_server) as url:
        database = open_database(url)
        with database.transaction() as session:
            factories.world(session)
        database.engine.dispose()
        assert find_damage(url) == ""
        place = make_url(url).set(database="damaged_copy")
        copy(place, make_url(url).database or "")
        try:
            other = open_database(place.render_as_string(hide_password=False))
            with other.reader() as session:
                folder = session.scalar(text("SELECT setting FROM pg_settings WHERE name = 'data_directory'"))
                file = Path(folder) / session.scalar(text("SELECT pg_relation_filepath('experience')"))
            other.engine.dispose()
            with file.open("r+b") as content:
                content.write(GARBAGE(8192))
            assert find_damage(place.render_as_string(hide_password=False))
        finally:
            run(place, 'DROP DATABASE IF EXISTS "damaged_copy" WITH (FORCE)')


def test_no_backup_is_made_of_a_damaged_database_and_why_is_said(app, store, tmp_path):
    config = app.config["SETTINGS"]
    if not config.database_url.startswith("sqlite"):
        pytest.skip("the pages of SQLite")
    here = Installation(config, *(app.extensions[name] for name in ("database", "files", "keys")))
    here.database.engine.dispose()
    _damage(Path(make_url(config.database_url).database or ""), "message")
    repository = Repository(tmp_path / "backups")
    with pytest.raises(BackupError) as stopped:
        create_backup(here, repository, None, now())
    assert stopped.value.failure is BackupFailure.DAMAGED_DATABASE
    assert "La base est abîmée" in failure_message(stopped.value)
    assert not repository.backups()


def test_the_checks_of_the_night_say_that_the_database_is_damaged(app, store, monkeypatch):
    monkeypatch.setattr("portfolio.run.integrity_checks.find_damage", lambda *_given, **_named: "page 4")
    found = replace(integrity_checks(app), clock=now).run()
    assert (found.database, found.ok) == (False, False)
    assert ("Base de données", "La base est abîmée, ou n’a pas pu être lue jusqu’au bout.") in check_messages(found)
    assert IntegrityCheck(database=True, ledger=True, grants=True, files=True).ok
