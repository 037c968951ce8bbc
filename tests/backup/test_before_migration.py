"""A PostgreSQL database is copied before its migrations; without pg_dump it is not migrated."""

import os
import subprocess

import pytest
from alembic import command
from sqlalchemy import text

from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.backup.migration import settings_for
from portfolio.on_commit import open_database
from portfolio.run.maintenance import migrate
from portfolio.web.clock import now
from tests.applications import config_for
from tests.postgresql import fresh_database
from tools.cluster.postgresql import postgresql_programs


@pytest.fixture
def config(postgresql_server, tmp_path):
    """A database of the version before this one, with one row."""
    with fresh_database(postgresql_server) as url:
        _set_back(url)
        yield config_for(url, tmp_path).with_changes(postgresql_bin=postgresql_programs())


def _set_back(url):
    """Start again from the first tables: the migrations have no way back."""
    database = open_database(url)
    with database.engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    database.engine.dispose()
    command.upgrade(settings_for(url), "0097")


def test_the_copy_holds_the_tables_of_before_and_the_way_back_is_said(config):
    copied, back = list(migrate(config, now()))
    [path] = config.data.glob("acquis.*.pgdump.before-migration")
    assert path.name in copied
    assert "pg_restore" in back
    listed = subprocess.run(
        [f"{config.postgresql_bin}/pg_restore", "--list", str(path)], capture_output=True, text=True, check=True
    ).stdout
    assert "TABLE DATA public alembic_version" in listed
    assert list(migrate(config, now())) == [], "nothing to change: no copy"
    _go_back(back, DATABASE_URL=config.database_url.replace("+psycopg", ""))
    assert revision(config) == "0097"


@pytest.mark.slow
def test_the_way_back_of_a_sqlite_database_leaves_nothing_of_after(tmp_path):
    folder = tmp_path / "l’essai d'avant"
    folder.mkdir()
    config = config_for(f"sqlite:///{folder}/acquis.db", folder)
    command.upgrade(settings_for(config.database_url), "0139")
    _copied, back = list(migrate(config, now()))
    (folder / "acquis.db-wal").write_bytes(b"of after")
    _go_back(back)
    assert revision(config) == "0139"
    assert not (folder / "acquis.db-wal").exists()


def _go_back(said, **env):
    """Run the line that was said."""
    line = next(line for line in said.splitlines() if " && " in line)
    done = subprocess.run(["sh", "-c", line], env={**os.environ, **env}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]


def test_without_pg_dump_nothing_is_migrated_unless_it_is_asked_for(config, tmp_path):
    without = config.with_changes(postgresql_bin=str(tmp_path))
    with pytest.raises(BackupError) as refused:
        list(migrate(without, now()))
    assert refused.value.failure is BackupFailure.NO_PROGRAM
    assert revision(config) == "0097"
    assert list(migrate(without, now(), without_copy=True)) == []
    assert revision(config) != "0097"


def revision(config):
    database = open_database(config.database_url)
    with database.engine.connect() as connection:
        found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    database.engine.dispose()
    return found
