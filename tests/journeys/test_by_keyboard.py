"""The whole chain again with a keyboard alone, on a screen of 390 points, in the dark."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.chain import walk_the_whole_chain
from tests.journeys.conftest import Manner, Server
from tests.journeys.hands import Keyboard

pytestmark = pytest.mark.journey


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """One store is enough: the pages are the same."""
    return sqlite_url


@pytest.fixture
def manner() -> Manner:
    return Manner(Keyboard(), width=390, schemes=("light", "dark"), every_stop=True)


def test_from_the_register_entry_to_the_certificate_by_keyboard(server: Server, window, entry_file: Path, tmp_path: Path):
    walk_the_whole_chain(server, window, entry_file, tmp_path)
