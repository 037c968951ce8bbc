"""An installation to back up, its pieces really stored, and the folder of its backups."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from config import Config
from portfolio import create_app
from portfolio.backup.create import Installation
from portfolio.backup.repository import Repository
from tests import factories

DAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
CANARY = b"Zephyrine-Canari-7301"


@pytest.fixture
def here(config: Config) -> Iterator[Installation]:
    """An installation whose pieces are really stored."""
    app = create_app(config)
    found = Installation(config, *(app.extensions[name] for name in ("database", "files", "keys")))
    with found.database.transaction() as session:
        for piece in factories.world(session).pieces:
            kept = found.files.save(piece.file.key, io.BytesIO(CANARY + str(piece.number).encode()))
            piece.file.size, piece.file.sha256 = kept.size, kept.sha256
    yield found
    found.database.engine.dispose()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    """Return the folder of the backups, empty."""
    return Repository(tmp_path / "backups")
