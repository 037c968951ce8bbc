"""A temporary folder goes with its process, and after a kill with the next process: it holds files of persons."""

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from portfolio.files.conversion import office
from portfolio.files.file_types.types import FileType
from portfolio.files.storage.temporary_folder import folder_of_process, remove_orphans, temporary_folder

_MAKES = """
import os, sys
from portfolio.files.storage.temporary_folder import folder_of_process
(folder_of_process() / "profile").mkdir()
"""
_HOLDS = """
import io, os
from portfolio.files.conversion.processes import work_folder
with work_folder(io.BytesIO(b"of a person")):
    os._exit(9)
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


@pytest.mark.parametrize("program", [_MAKES + "os._exit(9)", _HOLDS])
def test_the_folder_of_a_killed_process_is_removed_by_the_next_one(place, program):
    run(program)
    [left] = place.iterdir()
    assert [path for path in left.iterdir() if path.is_dir()]
    with temporary_folder() as folder:
        assert list(place.iterdir()) == [folder.parent]


def test_the_folder_of_a_living_process_stays(place):
    made = folder_of_process()
    (place / "acquis-just-made").mkdir()
    program = (
        f"import pathlib; from portfolio.files.storage.temporary_folder import *; {{}}(pathlib.Path({str(place)!r}))"
    )
    assert run(program.format("remove_orphans")) == 0
    assert made.is_dir()
    assert len(list(place.iterdir())) == 2, "a folder whose lock is not there yet stays too"


def test_a_child_made_by_fork_ends_without_taking_the_folder_away(place):
    kept = "import atexit\nif os.fork() == 0:\n    sys.exit(0)\nos.wait()\n"
    assert run(_MAKES + kept + f"assert os.listdir({str(place)!r})") == 0
    remove_orphans(place)
    assert list(place.iterdir()) == []


def test_a_folder_is_made_again_where_its_place_was_emptied(place):
    folder_of_process().rename(place.parent / "elsewhere")
    with temporary_folder() as folder:
        assert folder.is_dir()


@pytest.mark.skipif(not office.has_office(FileType.DOCX), reason="LibreOffice is not installed")
def test_nothing_is_left_of_a_conversion_when_its_process_ends(place):
    assert run(_CONVERTS) == 0
    assert list(place.iterdir()) == []
