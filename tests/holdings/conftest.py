"""One candidate of a certification of four blocks."""

import pytest

from portfolio.db.engine import Database
from tests import factories


@pytest.fixture
def world(db: Database) -> factories.World:
    """A candidate with a complete draft."""
    return factories.begin_world(db)
