"""A candidacy with its advisor, a narrative and a claim."""

import pytest

from portfolio.db.engine import Database
from tests import factories
from tests.factories import World


@pytest.fixture
def made(db: Database) -> World:
    """A candidate, an advisor, a draft in which every competency has a piece and a story."""
    return factories.begin_world(db)
