"""The demonstration, told once a worker on each store."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from demo import seed
from portfolio import create_app
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.files.file_types.types import FileType
from portfolio.run.worker import rendition_worker
from tests import moment
from tests.applications import close_app, config_for
from tests.page import CheckedClient
from tests.postgresql import fresh_database

NOW = moment.MORNING
clock, an_hour_later = moment.clock, moment.an_hour_later
# For the tests of this folder alone.
pytest_runtest_setup, pytest_runtest_teardown = moment.pytest_runtest_setup, moment.pytest_runtest_teardown


def _told(url: str, folder: Path) -> Flask:
    app = create_app(config_for(url, folder))
    app.test_client_class = CheckedClient
    with app.app_context():
        made = seed.tell_once(NOW)
    assert made.present
    return app


def _prepare(app: Flask) -> None:
    """Make what a file waits for before others than the candidate are given it, as the worker does: its copy,
    a PDF's pages.
    """
    shop = rendition_worker(app)
    shop.due()
    awaited = EvidenceFile.mime == FileType.PDF.mime
    with app.extensions["database"].reader() as session:
        query = select(Rendition.id).join(EvidenceFile, EvidenceFile.id == Rendition.file_id).where(awaited)
        orders = session.scalars(query).all()
    for order in orders:
        shop.run(order)


@pytest.fixture(scope="package")
def on_sqlite(clock: moment.Clock, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give the demonstration on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "acquis.db")
    app = _told(f"sqlite:///{folder / 'acquis.db'}", folder)
    _prepare(app)
    yield app
    close_app(app)


@pytest.fixture(scope="package")
def on_postgresql(
    clock: moment.Clock, postgresql_server: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """Give the demonstration on PostgreSQL."""
    with fresh_database(postgresql_server) as url:
        app = _told(url, tmp_path_factory.mktemp("demo"))
        yield app
        close_app(app)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def told(request: pytest.FixtureRequest) -> Flask:
    """Return the demonstration, on each store in turn."""
    app: Flask = request.getfixturevalue(f"on_{request.param}")
    return app
