"""Whatever the data folder was before, only the account that runs the product reads what it makes there."""

import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from portfolio.backup.migration import SUFFIX, list_copies, remove_old_copies, upgrade

TOP = Path(__file__).parents[1]


def run(data: Path, *words: str, **env: str) -> str:
    """Run a command of the product as people do, with the usual umask, which lets everybody read."""
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", *words],
        cwd=TOP, env=os.environ | {"DATA": str(data)} | env, umask=0o022, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    return ran.stdout


def open_to_others(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if stat.S_IMODE(path.stat().st_mode) & 0o077]


@pytest.mark.slow
def test_files_of_a_folder_made_for_everybody_are_read_by_their_owner_only(tmp_path):
    data = tmp_path / "data"
    data.mkdir(mode=0o755)
    data.chmod(0o755)
    # The whole start, but for the programs that it keeps running; then the web process, which receives a
    # body.
    program = """
import os, sys, tempfile
os.environ["DATA"] = sys.argv[1]
from portfolio.run import bootstrap
from portfolio.server import run as server

def serve(app):
    with open(os.path.join(tempfile.gettempdir(), "body"), "w") as body:
        body.write("received")

server.serve = serve
bootstrap.main(["prepare"])
config = bootstrap.settings_or_exit()
bootstrap.serve_web(bootstrap.PreloadedApplication(config), config)
"""
    subprocess.run(
        [sys.executable, "-c", program, str(data)], cwd=TOP, umask=0o022, capture_output=True, timeout=120, check=True
    )
    run(data, "create-certifier", "vous@exemple.fr", "--name", "Hélène Roche")
    made = {path.name for path in data.rglob("*")}
    assert {"acquis.db", "secret.key", "ledger.key", "ledger.jwks.json", "incoming", "body"} <= made
    assert open_to_others(data) == []


@pytest.fixture(scope="module")
def migrated(tmp_path_factory):
    """A database of an earlier version in a folder open to everybody, migrated by the command; with what the
    command said.
    """
    data = tmp_path_factory.mktemp("migrated") / "data"
    data.mkdir(mode=0o755)
    upgrade(f"sqlite:///{data / 'acquis.db'}", "0097")
    return data, run(data, "migrate", MIGRATION_COPY_DAYS="7")


@pytest.fixture
def older(migrated, tmp_path):
    """Return the same folder once more, for a test that changes it."""
    data = tmp_path / "data"
    shutil.copytree(migrated[0], data)
    return data


@pytest.mark.slow
def test_a_database_made_before_for_everybody_is_closed_to_others(older):
    for name in ("acquis.db", "secret.key", "ledger.jwks.json"):
        (older / name).chmod(0o644)
    (older / "notes.txt").write_text("not ours")
    (older / "notes.txt").chmod(0o644)
    run(older, "migrate")
    assert [Path(path).name for path in open_to_others(older)] == ["notes.txt"]


def test_the_copy_made_before_a_migration_is_told_and_closed_to_others(migrated):
    older, said = migrated
    [copy] = list_copies(f"sqlite:///{older / 'acquis.db'}")
    assert copy.name == f"acquis.0097{SUFFIX}"
    until = datetime.now(UTC) + timedelta(days=7)
    assert str(copy) in said
    assert f"jusqu’au {until:%d/%m/%Y}" in said
    assert open_to_others(older) == []
    kept = sqlite3.connect(copy)
    assert kept.execute("SELECT version_num FROM alembic_version").fetchone() == ("0097",)
    kept.close()


@pytest.mark.slow
def test_a_start_without_a_migration_makes_no_copy_and_keeps_the_one_before(older):
    [copy] = list_copies(f"sqlite:///{older / 'acquis.db'}")
    before = copy.stat()
    assert "Copie de la base" not in run(older, "migrate")
    assert list_copies(f"sqlite:///{older / 'acquis.db'}") == [copy]
    assert copy.stat().st_mtime_ns == before.st_mtime_ns


@pytest.mark.slow
def test_a_copy_is_removed_when_it_is_older_than_the_setting(older):
    database = f"sqlite:///{older / 'acquis.db'}"
    [copy] = list_copies(database)
    now = datetime.now(UTC)
    assert remove_old_copies(database, timedelta(days=30), now + timedelta(days=29)) == []
    os.utime(copy, (now.timestamp() - 31 * 86_400,) * 2)
    assert f"Ancienne copie supprimée\u00a0: {copy}." in run(older, "migrate")
    assert list_copies(database) == []
    assert (older / "acquis.db").exists()


@pytest.mark.slow
def test_the_worker_removes_old_copies_at_night(older, app, monkeypatch):
    from portfolio.run import worker

    [copy] = list_copies(f"sqlite:///{older / 'acquis.db'}")
    config = app.config["SETTINGS"].with_changes(database_url=f"sqlite:///{older / 'acquis.db'}")
    assert "remove_migration_copies" in {task.name for task in worker.periodic_tasks(app)}
    worker.remove_copies(config, datetime.now(UTC) + timedelta(days=29))
    assert copy.exists()
    worker.remove_copies(config, datetime.now(UTC) + timedelta(days=31))
    assert not copy.exists()
