"""What the tests of faults share: servers that can be killed, and how many times."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.faults.running import Nursery

# The suite kills a few times; FAULTS=all does it as often as the project promises.
ALL = os.environ.get("FAULTS") == "all"


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """Where servers are born."""
    opened = Nursery()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def kills() -> int:
    """How many times a server is killed, on each store."""
    return 200 if ALL else 5
