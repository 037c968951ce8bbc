"""Signed stores that a whole module of ledger tests reads: filled once on each database."""

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from portfolio.db.engine import Database
from tests.holdings.ledger_builders import signing
from tests.postgresql import fresh_database
from tests.thoroughness import DATABASES


def kept_stores(fill: Callable[[Database], None]) -> tuple[Any, Any, Any]:
    """Return the fixtures of a module, to be named `kept_sqlite`, `kept_postgresql` and `db`: the store that
    `fill` wrote, made once a module on each database, and the same for every test on each in turn.
    """

    def filled(url: str) -> Iterator[Database]:
        database = signing(url)
        try:
            fill(database)
            yield database
        finally:
            database.engine.dispose()

    @pytest.fixture(scope="module")
    def kept_sqlite(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
        path = tmp_path_factory.mktemp("ledger") / "acquis.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield from filled(f"sqlite:///{path}")

    @pytest.fixture(scope="module")
    def kept_postgresql(request: pytest.FixtureRequest) -> Iterator[Database]:
        with fresh_database(request.getfixturevalue("postgresql_server")) as url:
            yield from filled(url)

    @pytest.fixture(params=DATABASES)
    def db(request: pytest.FixtureRequest) -> Database:
        kept: Database = request.getfixturevalue(f"kept_{request.param}")
        return kept

    return kept_sqlite, kept_postgresql, db
