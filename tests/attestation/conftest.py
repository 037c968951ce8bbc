"""A signing installation, a store of files, a request that waits."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from portfolio.db.engine import Database
from portfolio.domain.ledger.recording import SIGNER
from portfolio.files.storage.local import LocalStore
from portfolio.on_commit import open_database
from tests.attestation.builders import Scene, scene
from tests.holdings.ledger_builders import SIGNED_BY


@pytest.fixture
def signing(database_url: str) -> Iterator[Database]:
    """A store that signs, on each engine."""
    database = open_database(database_url, {SIGNER: SIGNED_BY})
    yield database
    database.engine.dispose()


@pytest.fixture
def files(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "files")


@pytest.fixture
def made(signing: Database) -> Scene:
    return scene(signing)
