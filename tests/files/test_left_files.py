"""Check that what a child left in its folder is read when it is an ordinary file of its own, and never followed."""

import io
import os
from pathlib import Path

import pytest

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.conversion import converting, processes
from portfolio.files.conversion.codes import NotConverted, open_made
from portfolio.files.file_types.types import FileType
from portfolio.files.sandbox import process
from portfolio.files.sandbox.process import MAX_DEPTH, NotLeft, create_anew, is_left, open_left, remove_strange

HERE = Path(__file__).parent


@pytest.fixture
def secret(tmp_path) -> Path:
    path = tmp_path / "ledger.key"
    path.write_text('{"name": "the key"}')
    return path


@pytest.fixture
def folder(tmp_path) -> Path:
    path = tmp_path / "folder"
    path.mkdir()
    return path


def test_an_ordinary_file_is_read(folder):
    (folder / "made").write_bytes(b"x" * 10)
    with open_left(folder / "made", 10) as file:
        assert file.read() == b"x" * 10
    assert is_left(folder / "made")


def test_nothing_else_is_and_nobody_waits_for_a_pipe(folder, secret):
    (folder / "link").symlink_to(secret)
    os.link(secret, folder / "hard")
    os.mkfifo(folder / "pipe")
    (folder / "folder").mkdir()
    (folder / "long").write_bytes(b"x" * 11)
    (folder / "way").symlink_to(secret.parent)
    for name in ("link", "hard", "pipe", "folder", "long", "way/ledger.key", "absent"):
        with pytest.raises(NotLeft):
            open_left(folder / name, 10)


def test_what_is_no_ordinary_file_is_removed_and_what_it_led_to_stays(folder, secret):
    (folder / "below").mkdir()
    for place in (folder, folder / "below"):
        (place / "kept").write_text("x")
        (place / "link").symlink_to(secret)
        (place / "way").symlink_to(secret.parent)
        os.link(secret, place / "hard")
        os.mkfifo(place / "pipe")
    remove_strange(folder)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == ["below", "below/kept", "kept"]
    assert secret.exists()


@pytest.mark.parametrize("name", ["d", "d" * 250])
def test_thousands_of_folders_one_in_the_other_are_removed_and_what_is_ours_stays(folder, secret, name):
    (folder / "kept").mkdir()
    (folder / "kept/made").write_text("x")
    before, way = os.getcwd(), os.open(folder, os.O_RDONLY)
    os.fchdir(way)
    try:
        for _ in range(3000):
            os.mkdir(name)
            os.chdir(name)
        os.mkdir("shut", 0)
        os.symlink(secret.parent, "link")
    finally:
        os.chdir(before)
        os.close(way)
    remove_strange(folder)
    assert (folder / "kept/made").read_text() == "x"
    assert len([path for path in folder.rglob("*") if path.is_dir()]) <= MAX_DEPTH + 2
    assert secret.exists()


def test_a_file_that_is_given_takes_the_place_of_a_link(folder, secret):
    (folder / "made-0").symlink_to(secret)
    with create_anew(folder / "made-0") as file:
        file.write(b"copy")
    assert "the key" in secret.read_text()
    assert (folder / "made-0").read_bytes() == b"copy"


@pytest.fixture
def taken_over(monkeypatch) -> None:
    """Put our test program in the place of the process that makes recordings."""
    monkeypatch.setattr(process, "_CHILD", f"import sys; sys.path.append({str(HERE)!r})\n{process._CHILD}")
    readable = [*processes.readable_paths(), str(HERE)]
    monkeypatch.setattr(processes, "readable_paths", lambda: readable)
    monkeypatch.setattr(converting, "_RECORDING", "left_behind")


def test_a_link_in_the_place_of_a_recording_is_not_stored(taken_over, secret):
    content = io.BytesIO(str(secret).encode())
    with converting.converted(content, FileType.MP4) as made:
        assert made.poster is None
        with pytest.raises(NotConverted) as refused:
            open_made(made)
    assert refused.value.reason is RenditionFailure.UNREADABLE


def test_a_link_in_the_place_of_an_answer_is_not_read(taken_over, tmp_path):
    secret = tmp_path / "answer of another"
    secret.write_text('{"name": "output.mp4", "seconds": 1}')
    with pytest.raises(NotConverted), converting.converted(io.BytesIO(str(secret).encode()), FileType.MP4):
        pass


def test_a_link_in_the_place_of_the_log_is_neither_read_nor_written(taken_over, tmp_path, caplog):
    secret = tmp_path / "log"
    secret.write_text("the key")
    with pytest.raises(NotConverted), converting.converted(io.BytesIO(str(secret).encode()), FileType.MP4):
        pass
    assert "ended with status" in caplog.text
    assert "the key" not in caplog.text
    assert secret.read_text() == "the key"
