"""A backup whose process is killed: the former one still restores, and the next one ends what was begun."""

import contextlib
import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portfolio import create_app
from portfolio.backup.repository import BackupKey, Repository
from portfolio.backup.restore import RestoreReport, choose_backup, restore_backup
from tests import factories
from tests.applications import config_for
from tests.faults.running import TOP

pytestmark = pytest.mark.slow

SIZE = 6 * 1024 * 1024


def _start(data: Path, url: str, repository: Repository) -> subprocess.Popen[bytes]:
    env = {**os.environ, "DATA": str(data), "DATABASE_URL": url, "PORT": "8000"}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "backup", str(repository.root)]
    return subprocess.Popen(command, cwd=TOP, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _back_up(data: Path, url: str, repository: Repository) -> None:
    """Make a whole backup in this process, by the same command."""
    app = create_app(config_for(url, data))
    ran = app.test_cli_runner().invoke(args=["backup", str(repository.root)])
    app.extensions["database"].engine.dispose()
    assert ran.exit_code == 0, ran.output


def _bytes_in(repository: Repository) -> int:
    found = 0
    for folder, _folders, names in os.walk(repository.root):
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                found += (Path(folder) / name).stat().st_size
    return found


def _add_pieces(data: Path, url: str) -> int:
    """Store pieces that no other one repeats, and return their size."""
    app, added = create_app(config_for(url, data)), 0
    database, files = app.extensions["database"], app.extensions["files"]
    with database.transaction() as session:
        for piece in factories.world(session).pieces:
            kept = files.save(piece.file.key, io.BytesIO(os.urandom(SIZE)))
            piece.file.size, piece.file.sha256 = kept.size, kept.sha256
            added += kept.size
    database.engine.dispose()
    return added


def test_the_former_backup_restores_after_a_kill_and_the_next_one_is_whole(sqlite_url: str, tmp_path: Path):
    data, repository = tmp_path / "live", Repository(tmp_path / "backups")
    data.mkdir()
    _add_pieces(data, sqlite_url)
    _back_up(data, sqlite_url, repository)
    (former,) = repository.backups()
    added, before = _add_pieces(data, sqlite_url), _bytes_in(repository)
    process = _start(data, sqlite_url, repository)
    while process.poll() is None and _bytes_in(repository) < before + added / 2:
        time.sleep(0.002)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    assert before < _bytes_in(repository)
    assert [backup.name for backup in repository.backups()] == [former.name]
    assert _restored(repository, tmp_path / "second").files == former.manifest["report"]["files"]
    _back_up(data, sqlite_url, repository)
    assert len(repository.backups()) == 2
    assert _restored(repository, tmp_path / "third").size == former.manifest["report"]["size"] + added


def _restored(repository: Repository, folder: Path) -> RestoreReport:
    folder.mkdir()
    found = restore_backup(
        config_for(f"sqlite:///{folder / 'acquis.db'}", folder),
        repository,
        choose_backup(repository),
        (),
        BackupKey.load(folder.parent / "live").public,
    )
    assert found.ok
    return found
