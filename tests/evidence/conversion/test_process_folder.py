"""The folder of LibreOffice's profile goes with its process, and after a kill with the next process."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from portfolio.files.conversion import office
from portfolio.files.conversion.process_folder import make_process_folder, remove_orphans
from portfolio.files.file_types.types import FileType

_PREFIX = "acquis-test-"
_MAKES = """
import os, sys
from portfolio.files.conversion.process_folder import make_process_folder
(make_process_folder("acquis-test-") / "profile").mkdir()
"""
_CONVERTS = """
import io, sys
from portfolio.files.conversion.converting import converted
from portfolio.files.file_types.types import FileType
from tests import office_files
with converted(io.BytesIO(office_files.docx()), FileType.DOCX, ""):
    pass
"""


@pytest.fixture
def place(tmp_path, monkeypatch) -> Path:
    """Return the folder of temporary files, here and in the processes started here."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def run(program: str) -> int:
    return subprocess.run([sys.executable, "-c", program], check=False).returncode


def test_the_folder_goes_with_its_process(place):
    assert run(_MAKES) == 0
    assert list(place.iterdir()) == []


def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(place):
    run(_MAKES + "os._exit(9)")
    [left] = place.iterdir()
    assert (left / "profile").is_dir()
    made = make_process_folder(_PREFIX)
    assert list(place.iterdir()) == [made]


def test_the_folder_of_a_living_process_stays(place):
    made = make_process_folder(_PREFIX)
    (place / f"{_PREFIX}just-made").mkdir()
    assert run(f"from portfolio.files.conversion.process_folder import *; remove_orphans({_PREFIX!r})") == 0
    assert made.is_dir()
    assert len(list(place.iterdir())) == 2, "a folder whose lock is not there yet stays too"


def test_a_child_made_by_fork_ends_without_taking_the_folder_away(place):
    kept = "import atexit\nif os.fork() == 0:\n    sys.exit(0)\nos.wait()\n"
    assert run(_MAKES + kept + f"assert os.listdir({str(place)!r})") == 0
    remove_orphans(_PREFIX)
    assert list(place.iterdir()) == []


@pytest.mark.skipif(not office.has_office(FileType.DOCX), reason="LibreOffice is not installed")
def test_nothing_is_left_of_a_conversion_when_its_process_ends(place):
    assert run(_CONVERTS) == 0
    assert list(place.iterdir()) == []
