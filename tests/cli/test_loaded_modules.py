"""A start loads few modules: each one more makes it longer, and takes memory in every process."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]
FIRST_PAGE = """
import sys
from portfolio.app import open_stores
from portfolio.run.supervisor import load_application, settings_or_exit
config = settings_or_exit()
app = open_stores(load_application(config), config)
assert app.test_client().get("/connexion").status_code == 200
sys.stdout.write(" ".join(sys.modules))
"""
# The figure only shrinks, but for a module that a first page needs.
OWN = 814
# What opens a file is loaded by the process that opens it, and what reaches a bucket where there is one.
LATER = ("boto3", "botocore", "s3transfer", "pymupdf", "pyhanko", "numpy", "faster_whisper")


@pytest.fixture(scope="module")
def loaded(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Counter[str]:
    """Return how many modules of each library a process has loaded once its first page is shown."""
    data = tmp_path_factory.mktemp("loaded")
    (data / "acquis.db").write_bytes(sqlite_template.read_bytes())
    env = os.environ | {"DATA": str(data), "DEMO": "", "DATABASE_URL": "", "FILES_URL": ""}
    done = subprocess.run([sys.executable, "-c", FIRST_PAGE], cwd=TOP, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return Counter(name.partition(".")[0] for name in done.stdout.split())


def test_a_first_page_loads_no_more_modules_of_ours(loaded: Counter[str]):
    assert loaded["portfolio"] <= OWN


@pytest.mark.parametrize("library", LATER)
def test_a_first_page_does_not_wait_for(loaded: Counter[str], library: str):
    assert not loaded[library]
