"""One whole chain, in a browser: from the register entry to the certificate.

With a keyboard alone, on a telephone, in both lights, on PostgreSQL. With `TESTS=exhaustive`, with a mouse on SQLite
too: the other journeys use both.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.chain import walk_the_whole_chain
from tests.journeys.conftest import ON_A_PHONE, Manner, Server, serving
from tests.thoroughness import DATABASES_OF_LONG_PATHS

pytestmark = [pytest.mark.journey, pytest.mark.slow]


@pytest.fixture(params=DATABASES_OF_LONG_PATHS)
def database_url(request: pytest.FixtureRequest) -> str:
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture
def server(database_url: str, tmp_path: Path) -> Iterator[Server]:
    with serving(database_url, tmp_path) as found:
        yield found


@pytest.fixture
def manner(database_url: str) -> Manner:
    return Manner() if database_url.startswith("sqlite") else ON_A_PHONE


def test_from_the_register_entry_to_the_certificate(server: Server, window, entry_file: Path, tmp_path: Path):
    walk_the_whole_chain(server, window, entry_file, tmp_path)
