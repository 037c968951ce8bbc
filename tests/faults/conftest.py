"""What the tests of faults share: servers that can be killed, and how many times."""

from collections.abc import Iterator

import pytest

from tests.faults.running import Nursery
from tests.thoroughness import EXHAUSTIVE


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Give where servers are born."""
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def kills() -> int:
    """Return how many times a server is killed, on each store."""
    return 200 if EXHAUSTIVE else 5
