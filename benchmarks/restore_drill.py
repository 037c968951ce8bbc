"""The restore drill: an installation with its files and its ledger is backed up, lost, restored by the commands of the
product.

`python -m benchmarks reprise`. RESTORE_FILES: how many files (4,000), RESTORE_BYTES: the size of each (500,000): 2 GB.
RPO is what a restore loses: the acts that came after the last backup. RTO is the time until the server answers.
"""

import hashlib
import io
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks import lists_scene
from benchmarks.measure import Line
from benchmarks.scene import quiet_app
from benchmarks.servers import ALONE, running, wait_for
from config import Config
from portfolio.backup.migration import upgrade
from portfolio.backup.repository import BackupKey
from portfolio.db.care import tracked_tables
from portfolio.db.engine import Base, Database
from portfolio.domain.holdings.models.events import Acquisition
from portfolio.domain.holdings.models.grants import Certificate, Grant
from portfolio.domain.ledger.checkpoints import HEADS_FILE, write_checkpoints
from portfolio.domain.ledger.models import LedgerEntry
from portfolio.domain.ledger.recording import append
from portfolio.domain.ledger.tracking import record_fixed
from portfolio.files.storage.store import FileStore
from tools.cluster.__main__ import free_ports

FILES, SIZE = int(os.environ.get("RESTORE_FILES", "4000")), int(os.environ.get("RESTORE_BYTES", "500000"))
CERTIFICATES, AFTER = 100, 40
_AT_ONCE = 200
_FLASK = (sys.executable, "-m", "flask", "--app", "wsgi")
# Where the base and the files are, when they are not in DATA.
SETTINGS: dict[str, str] = {}


def measure() -> Iterator[Line]:
    """Back up, lose, restore, check: each with its time."""
    folder = Path(tempfile.mkdtemp(prefix="acquis-bench-"))
    try:
        yield from _drill(folder)
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _drill(folder: Path) -> Iterator[Line]:
    live, second, backups, heads = (folder / name for name in ("live", "second", "backups", "heads"))
    for made in (live, second, heads):
        made.mkdir()
    numbers = fill(live, heads)
    yield line(
        f"installation : {FILES} fichiers, {FILES * SIZE / 1e9:.1f} Go",
        f"{len(numbers)} certificats, {entries(live, heads)} actes",
        None,
    )
    seconds, _said = run(live, heads, "backup", str(backups))
    yield line("première sauvegarde", in_seconds(seconds), None)
    seconds, _said = run(live, heads, "backup", str(backups))
    yield line("sauvegarde suivante, sans fichier nouveau", in_seconds(seconds), None)
    before, last = entries(live, heads), time.time()
    work_on(live, heads)
    after = entries(live, heads)
    public = BackupKey.load(live).public
    shutil.rmtree(live)
    lost = time.time() - last
    began = time.perf_counter()
    seconds, said = run(second, heads, "restore", str(backups), "--signed-by", public)
    yield line("restauration et ses vérifications", in_seconds(seconds), None)
    with server(second, heads) as address:
        ready = time.perf_counter() - began
        yield line("RTO : jusqu’à la première page", in_seconds(ready), True)
        proven = sum(is_proven(address, number) for number in numbers[:CERTIFICATES])
    named = str(after - before) in said
    kept = entries(second, heads)
    yield line(
        f"RPO : {after - before} actes en {lost:.0f} s après la sauvegarde, nommés", f"{after - kept} perdus", named
    )
    yield line("certificats qui se vérifient", f"{proven} sur {CERTIFICATES}", proven == CERTIFICATES)
    head = folder / "head.log"
    head.write_text(heads_until(heads / HEADS_FILE, before))
    for command in (("check-ledger", "--head", str(head)), ("check-files",)):
        seconds, _said = run(second, heads, *command)
        yield line(" ".join(command[:2]), in_seconds(seconds), True)


def line(name: str, found: str, met: bool | None) -> Line:
    return Line(name, "", found, "", "", met)


def in_seconds(seconds: float) -> str:
    return f"{seconds:.1f} s".replace(".", ",")


def _env(data: Path, heads: Path) -> dict[str, str]:
    return {**os.environ, **SETTINGS, "DATA": str(data), "LEDGER_HEADS": str(heads), "PORT": str(_PORT)}


(_PORT,) = free_ports(1)


def run(data: Path, heads: Path, *command: str) -> tuple[float, str]:
    """Run a command of the product, and return its seconds and what it says.

    Raise RuntimeError when it fails.
    """
    began = time.perf_counter()
    done = subprocess.run(  # noqa: S603
        [*_FLASK, *command], env=_env(data, heads), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return time.perf_counter() - began, done.stdout + done.stderr


def _config(data: Path, heads: Path) -> Config:
    return Config.from_env({**SETTINGS, "DATA": str(data), "LEDGER_HEADS": str(heads), "PORT": str(_PORT)})


@contextmanager
def _opened(data: Path, heads: Path) -> Iterator[tuple[Database, FileStore]]:
    app = quiet_app(_config(data, heads))
    database: Database = app.extensions["database"]
    try:
        yield database, app.extensions["files"]
    finally:
        database.engine.dispose()


def fill(data: Path, heads: Path) -> Sequence[str]:
    """Make candidates whose acquisition has a stored file, a grant and a certificate, all in the ledger;
    return the numbers.
    """
    config = _config(data, heads)
    upgrade(config.database_url)
    with _opened(data, heads) as (database, files):
        proofs = _store_files(files)
        with database.transaction() as session:
            lists_scene.fill(session, FILES, proofs)
        _record(database)
        with database.transaction() as session:
            tables = [Base.metadata.tables[name] for name in tracked_tables()]
            record_fixed(session, tables, at=datetime.now(UTC))
        _keep_heads(database, heads)
        with database.reader() as session:
            return session.scalars(select(Certificate.number).order_by(Certificate.number)).all()


def _store_files(files: FileStore) -> list[lists_scene.Proof]:
    source = random.Random(17)  # noqa: S311 - bytes that do not compress, no secret
    proofs = []
    for _ in range(FILES):
        content, key = source.randbytes(SIZE), uuid4().hex
        files.save(key, io.BytesIO(content))
        proofs.append(lists_scene.Proof(key, SIZE, hashlib.sha256(content).hexdigest()))
    return proofs


def _record(database: Database) -> None:
    with database.reader() as session:
        keys = session.scalars(select(Acquisition.id).order_by(Acquisition.id)).all()
    for start in range(0, len(keys), _AT_ONCE):
        with database.transaction() as session:
            acts: list[Any] = list(
                session.scalars(select(Acquisition).where(Acquisition.id.in_(keys[start : start + _AT_ONCE])))
            )
            grants = session.scalars(select(Grant).where(Grant.acquisition_id.in_([act.id for act in acts]))).all()
            acts += grants
            acts += session.scalars(
                select(Certificate).where(Certificate.grant_id.in_([grant.id for grant in grants]))
            ).all()
            append(session, acts, at=datetime.now(UTC))


def work_on(data: Path, heads: Path) -> None:
    """Record acts that come after the last backup: those that a restore loses."""
    with _opened(data, heads) as (database, _files):
        with database.transaction() as session:
            _new_acts(session)
        _keep_heads(database, heads)


def _new_acts(session: Session) -> None:
    columns = [column.name for column in Acquisition.__table__.columns if column.name != "id"]
    known = session.scalars(select(Acquisition).limit(AFTER)).all()
    rows = [Acquisition(**{name: getattr(row, name) for name in columns} | {"file_key": uuid4().hex}) for row in known]
    session.add_all(rows)
    append(session, rows, at=datetime.now(UTC))


def _keep_heads(database: Database, heads: Path) -> None:
    with database.reader() as session:
        write_checkpoints(session, heads)


def entries(data: Path, heads: Path) -> int:
    with _opened(data, heads) as (database, _files), database.reader() as session:
        return session.scalar(select(func.max(LedgerEntry.seq))) or 0


def heads_until(path: Path, last: int) -> str:
    from portfolio.domain.ledger.rules.chain import read_checkpoints

    lines = path.read_text().splitlines(keepends=True)
    return "".join(line for line in lines if all(head.seq <= last for head in read_checkpoints(line)))


@contextmanager
def server(data: Path, heads: Path) -> Iterator[str]:
    address = f"http://127.0.0.1:{_PORT}"
    with (
        tempfile.TemporaryDirectory() as folder,
        running(["-m", ALONE], _env(data, heads), Path(folder) / "log") as process,
    ):
        wait_for(process, Path(folder) / "log", lambda: _answers(f"{address}/connexion"))
        yield address


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
            return bool(answer.status == 200)
    except OSError:
        return False


def is_proven(address: str, number: str) -> bool:
    with urllib.request.urlopen(f"{address}/certificats/{number}", timeout=30) as answer:  # noqa: S310 - our own server
        return number.encode() in answer.read() and answer.status == 200
