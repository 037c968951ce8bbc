"""A consistent copy of the database while people work, and the way back: `VACUUM INTO` on SQLite, pg_dump on
PostgreSQL.
"""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pysqlite3
from sqlalchemy import Engine, create_engine, inspect, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.orm import Session

from config import is_secret
from portfolio.backup.errors import BackupError, BackupFailure
from portfolio.db.engine import make_engine

sqlite: Any = pysqlite3.dbapi2
SQLITE_NAME, POSTGRESQL_NAME = "database.sqlite3", "database.pgdump"


def engine_name(url: str) -> str:
    """Return `sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


@contextmanager
def database_copy(url: str, programs: str, folder: Path) -> Iterator[tuple[Path, Session]]:
    """Write a copy into this folder, and yield it with a session that reads the very moment it holds.

    `programs` is the folder of pg_dump, empty when it is on the PATH. Raise BackupError when pg_dump is
    missing or fails.
    """
    if engine_name(url) == "sqlite":
        with _sqlite_copy(url, folder) as found:
            yield found
    else:
        with _postgresql_copy(url, folder, programs) as found:
            yield found


@contextmanager
def _sqlite_copy(url: str, folder: Path) -> Iterator[tuple[Path, Session]]:
    path = folder / SQLITE_NAME
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    source = sqlite.connect(make_url(url).database or "", isolation_level=None)
    try:
        source.execute("PRAGMA busy_timeout=15000")
        source.execute("VACUUM INTO :path", {"path": str(path)})
    finally:
        source.close()
    engine = _immutable_engine(path)
    try:
        with Session(engine) as session:
            yield path, session
    finally:
        engine.dispose()


def _immutable_engine(path: Path) -> Engine:
    """Open a SQLite file that nobody writes, without leaving a journal beside it."""
    return create_engine(
        "sqlite://",
        creator=lambda: sqlite.connect(f"file:{path}?immutable=1", uri=True, check_same_thread=False),
        module=sqlite,
    )


@contextmanager
def _postgresql_copy(url: str, folder: Path, programs: str) -> Iterator[tuple[Path, Session]]:
    path = folder / POSTGRESQL_NAME
    engine = create_engine(make_url(url).set(drivername="postgresql+psycopg"), isolation_level="REPEATABLE READ")
    try:
        with engine.connect() as connection, Session(connection) as session:
            snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            _run("pg_dump", programs, url, ["--format=custom", f"--snapshot={snapshot}", f"--file={path}"])
            path.chmod(0o600)
            yield path, session
    finally:
        engine.dispose()


def restore_copy(url: str, path: Path, programs: str = "") -> None:
    """Put a copy in the place of an empty database; raise BackupError when pg_restore is missing or fails."""
    if engine_name(url) == "postgresql":
        _run(
            "pg_restore",
            programs,
            url,
            ["--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(path)],
        )
        return
    database = Path(make_url(url).database or "")
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    draft = database.with_name(f".{database.name}.restoring")
    shutil.copyfile(path, draft)
    draft.chmod(0o600)
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    draft.replace(database)


def is_empty(url: str) -> bool:
    """Return whether the database has no table yet."""
    engine = make_engine(url)
    try:
        return not inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _run(name: str, programs: str, url: str, arguments: list[str]) -> None:
    """Run a PostgreSQL program on this database; the password goes through the environment, not through the
    command line.
    """
    program = shutil.which(name, path=programs or None)
    if program is None:
        raise BackupError(BackupFailure.NO_PROGRAM, name)
    address = make_url(url).set(drivername="postgresql")
    kept = {name: value for name, value in os.environ.items() if not is_secret(name)}
    env = {**kept, **({"PGPASSWORD": str(address.password)} if address.password else {})}
    done = subprocess.run(  # noqa: S603 - the program is PostgreSQL's, its arguments ours
        [program, f"--dbname={_without_password(address)}", *arguments],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BackupError(BackupFailure.PROGRAM_FAILED, f"{name}: {done.stderr.strip()[-500:]}")


def _without_password(address: URL) -> str:
    return URL.create(
        address.drivername, address.username, None, address.host, address.port, address.database, address.query
    ).render_as_string()
