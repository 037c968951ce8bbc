"""One server and one SQLite store for all the tests of a module: each test has people and dossiers of its own.

A module takes these fixtures by giving them their names: `server = shared_server.server`.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.db.engine import Database
from portfolio.on_commit import open_database
from tests.journeys.conftest import Server, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shared")


@pytest.fixture(scope="module")
def database_url(sqlite_template: Path, folder: Path) -> str:
    return f"sqlite:///{shutil.copy(sqlite_template, folder / 'acquis.db')}"


@pytest.fixture(scope="module")
def server(database_url: str, folder: Path) -> Iterator[Server]:
    with serving(database_url, folder) as found:
        yield found


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.engine.dispose()
