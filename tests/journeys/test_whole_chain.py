"""One whole chain, in a browser: from the register entry to the certificate, on each store."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.journeys.chain import walk_the_whole_chain
from tests.journeys.conftest import Server

pytestmark = pytest.mark.journey


def test_from_the_register_entry_to_the_certificate(server: Server, window, entry_file: Path, tmp_path: Path):
    walk_the_whole_chain(server, window, entry_file, tmp_path)
