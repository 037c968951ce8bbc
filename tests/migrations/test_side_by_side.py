"""Processes of the version before and of this one work side by side on PostgreSQL while the tables change: no
request fails. `UPGRADE_SECONDS=600` for ten minutes of it.
"""

import json
import os
import re
import subprocess
import sys
import tarfile
import threading
import time
from collections import Counter
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen
from uuid import uuid4

import pytest
import requests
from sqlalchemy.engine import make_url

from portfolio.backup.migration import needed_revision
from tests import factories, postgresql
from tests.journeys.conftest import free_port

pytestmark = pytest.mark.slow

TOP = Path(__file__).parents[2]
# A busy machine makes the tables and imports the code of a version slowly.
START_SECONDS = 240
SECONDS = float(os.environ.get("UPGRADE_SECONDS", "20"))
FILL = """
import json, os
import portfolio.all_models
from portfolio.db.engine import Database
from tests import factories
database = Database(os.environ["DATABASE_URL"], {})
with database.transaction() as session:
    world = factories.world(session, filled=False)
    print(json.dumps({"email": world.candidate.email, "candidacy": str(world.candidacy.id)}))
"""


def git(*arguments: str) -> bytes:
    return subprocess.run(["git", *arguments], cwd=TOP, capture_output=True, check=True).stdout


def revision_before() -> str:
    """Return the last commit whose tables are of an earlier revision than ours, each revision there once."""
    for commit in git("log", "--format=%H", "-50", "--", "migrations/versions").decode().split():
        listed = git("ls-tree", "--name-only", commit, "migrations/versions/").decode().split()
        numbers = [Path(name).name[:4] for name in listed if name.endswith(".py")]
        if len(set(numbers)) == len(numbers) and max(numbers) < needed_revision():
            return commit
    raise LookupError("no version before")


@pytest.fixture
def before(tmp_path: Path) -> Path:
    """Return the code of the version before."""
    try:
        packed = git("archive", revision_before())
    except (OSError, subprocess.CalledProcessError, LookupError):
        pytest.skip("the code of the version before is not here")
    folder = tmp_path / "before"
    with tarfile.open(fileobj=BytesIO(packed)) as archive:
        archive.extractall(folder, filter="data")
    add_libraries(folder)
    return folder


def add_libraries(code: Path) -> None:
    """Put beside a version the libraries that its lock file names and ours does not: one may have been left since."""
    ours = set(locked(TOP))
    left = [entry for entry in locked(code) if entry not in ours]
    if not left:
        return
    asked = code / "left.lock"
    asked.write_text("\n".join(left) + "\n", "utf-8")
    install = ["install", "--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes", "--target", "."]
    done = subprocess.run(
        [sys.executable, "-m", "pip", *install, "-r", asked], cwd=code, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-3000:]


def locked(code: Path) -> list[str]:
    """Return the entries of the lock file of a version, one for each library: its release and its hashes."""
    entries = re.split(r"\n(?=\S)", (code / "requirements.lock").read_text("utf-8"))
    return [entry.strip() for entry in entries if "==" in entry]


@contextmanager
def empty_database(server: str):
    """A database without tables, removed at the end."""
    url = make_url(server).set(database=f"upgrade_{uuid4().hex[:8]}", drivername="postgresql+psycopg")
    postgresql.run(url, f'CREATE DATABASE "{url.database}"')
    try:
        yield url.render_as_string(hide_password=False)
    finally:
        postgresql.run(url, f'DROP DATABASE "{url.database}" WITH (FORCE)')


@contextmanager
def started(code: Path, env: dict[str, str], log: Path):
    """Give the processes of this code, until they are asked to stop; yields their address."""
    port = free_port()
    address = f"http://127.0.0.1:{port}"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio.run.bootstrap"],
            cwd=code, env=env | {"PORT": str(port), "ADDRESS": address}, stdout=output, stderr=output,
        )  # fmt: skip
        try:
            until = time.monotonic() + START_SECONDS
            while not answers(address):
                assert process.poll() is None, log.read_text()[-3000:]
                assert time.monotonic() < until, log.read_text()[-3000:]
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            process.wait(30)


def answers(address: str) -> bool:
    try:
        with urlopen(f"{address}/healthz", timeout=2):
            return True
    except (URLError, OSError):
        return False


class People(threading.Thread):
    """Someone at work: pages are read and pieces are sent, to whichever process is there."""

    def __init__(self, addresses: list[str], made: dict[str, str], number: int) -> None:
        super().__init__(daemon=True)
        self.addresses, self.made, self.number = addresses, made, number
        self.stopping, self.statuses, self.failed = threading.Event(), Counter(), []
        self.sessions: dict[str, requests.Session] = {}

    def run(self) -> None:
        rank = 0
        while not self.stopping.wait(0.05):
            rank += 1
            address = self.addresses[rank % len(self.addresses)]
            try:
                self._work(address, rank)
            except Exception as error:
                self.failed.append(f"{address}: {error!r}")

    def _work(self, address: str, rank: int) -> None:
        if address not in self.sessions:
            self.sessions[address] = self._entered(address)
        person, base = self.sessions[address], f"{address}/dossiers/{self.made['candidacy']}"
        for path in ("", "/preuves", "/preuves/ajouter"):
            self._count(person.get(base + path, timeout=20))
        if rank % 5:
            return
        form = person.get(f"{base}/preuves/ajouter", timeout=20).text
        data = {name: between(form, f'name="{name}"') for name in ("csrf_token", "nonce")}
        content = f"Notes {self.number} {rank} {address}".encode()
        files = {"files": (f"notes-{self.number}-{rank}.txt", content)}
        self._count(person.post(f"{base}/preuves/ajouter", data=data, files=files, timeout=30))

    def _entered(self, address: str) -> requests.Session:
        person = requests.Session()
        form = person.get(f"{address}/connexion", timeout=20).text
        data = {"csrf_token": between(form, 'name="csrf_token"'), "email": self.made["email"]}
        self._count(person.post(f"{address}/connexion", data=data | {"password": factories.PASSWORD}, timeout=20))
        return person

    def _count(self, answer: requests.Response) -> None:
        for each in (*answer.history, answer):
            self.statuses[each.status_code] += 1
        if answer.status_code >= 400:
            self.failed.append(f"{answer.request.method} {answer.url}: {answer.status_code}")


def between(page: str, field: str) -> str:
    return page.split(field, 1)[1].split('value="', 1)[1].split('"', 1)[0]


def test_no_request_fails_while_the_tables_change(postgresql_server, before, tmp_path):
    with empty_database(postgresql_server) as url:
        env = os.environ | {"DATABASE_URL": url, "DATA": str(tmp_path / "data"), "DEMO": ""}
        with started(before, env, tmp_path / "before.log") as old:
            told = subprocess.run([sys.executable, "-c", FILL], cwd=before, env=env, capture_output=True, text=True)
            assert told.returncode == 0, told.stderr[-3000:]
            made = json.loads(told.stdout.splitlines()[-1])
            addresses = [old]
            people = [People(addresses, made, number) for number in range(3)]
            for each in people:
                each.start()
            time.sleep(SECONDS / 4)
            migrate = [sys.executable, "-m", "flask", "--app", "wsgi", "migrate", "--without-copy"]
            done = subprocess.run(migrate, cwd=TOP, env=env, capture_output=True, text=True)
            assert done.returncode == 0, done.stderr[-3000:]
            time.sleep(SECONDS / 4)
            with started(TOP, env, tmp_path / "after.log") as new:
                addresses.append(new)
                time.sleep(SECONDS / 2)
                for each in people:
                    each.stopping.set()
                for each in people:
                    each.join(60)
    assert not [failure for each in people for failure in each.failed]
    seen = sum((each.statuses for each in people), Counter())
    assert seen[200] > 50
    assert seen[303] > 5, "pieces were sent"
