"""The demonstration, told once a worker on each store."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import select

from portfolio import create_app
from portfolio.demo import story
from portfolio.evidence.renditions import Rendition
from portfolio.evidence.rules.rendition import RenditionKind
from portfolio.worker import workshop_of
from tests.conftest import _named, _run, config_for, leave
from tests.page import CheckedClient

NOW = datetime.now(UTC)


def _told(url: str, folder: Path) -> Flask:
    app = create_app(config_for(url, folder))
    app.test_client_class = CheckedClient
    with app.app_context():
        made = story.tell_once(NOW)
    assert made.present
    return app


def _copy(app: Flask) -> None:
    """Make the copies that others than the candidate are given, as the worker does; the pages are drawn elsewhere."""
    shop = workshop_of(app)
    shop.due()
    with app.extensions["database"].reader() as session:
        copies = session.scalars(select(Rendition.id).where(Rendition.kind == RenditionKind.COPY)).all()
    for one in copies:
        shop.make_whole(one)


@pytest.fixture(scope="session")
def on_sqlite(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration on SQLite."""
    folder = tmp_path_factory.mktemp("demo")
    shutil.copy(sqlite_template, folder / "acquis.db")
    app = _told(f"sqlite:///{folder / 'acquis.db'}", folder)
    _copy(app)
    yield app
    leave(app)


@pytest.fixture(scope="session")
def on_postgresql(postgresql_server: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The demonstration on PostgreSQL."""
    name = f"demo{uuid4().hex[:10]}"
    _run(postgresql_server, f'CREATE DATABASE "{name}" TEMPLATE "acquis_template"')
    app = _told(_named(postgresql_server, name), tmp_path_factory.mktemp("demo"))
    yield app
    leave(app)
    _run(postgresql_server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest) -> Flask:
    """The demonstration, on each store in turn."""
    app: Flask = request.getfixturevalue(f"on_{request.param}")
    return app
