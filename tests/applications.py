"""Applications of the tests: wired once a process, with the stores and settings of one test."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path

from flask import Flask

from config import Config
from portfolio.app import open_stores, wire_app
from tests import engines
from tests.page import CheckedClient


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


def wire(config: Config) -> Flask:
    """Return an application with all its pages, and no store."""
    application = wire_app(config)
    application.test_client_class = CheckedClient
    return application


# The application of these settings, without its stores: tests one after another share it.
_wired = cache(wire)


@contextmanager
def opened(config: Config, *, own: bool = False) -> Iterator[Flask]:
    """Give the application with the stores of these settings; `own`: one that serves nobody else."""
    places = replace(config, data=Path(), database_url="", database_owner_url="")
    engine = engines.take(config.database_url)
    application = open_stores(wire(config) if own else _wired(places), config, engine=lambda _url: engine)
    settings, extensions = dict(application.config), dict(application.extensions)
    try:
        yield application
    finally:
        engines.give_back(engine)
        application.config.update(settings)
        application.extensions.clear()  # what a process remembers between requests among them
        application.extensions.update(extensions)


def close_app(application: Flask) -> None:
    """Close what an application opened: its database."""
    application.extensions["database"].engine.dispose()


def failing(fault: type[Exception]) -> Callable[..., None]:
    """Return how a place fails, whatever it is asked to keep."""

    def save(*_: object) -> None:
        raise fault("nothing is kept")

    return save
