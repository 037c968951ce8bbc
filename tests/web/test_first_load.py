"""Check what a browser fetches when it first opens the login page and a candidate's home: few things, and light."""

import pytest

from benchmarks.first_load import measure


@pytest.mark.slow
def test_a_first_page_is_few_files_and_light():
    lines = list(measure())
    assert [line.measure for line in lines if not line.met] == []
    assert len(lines) == 2
