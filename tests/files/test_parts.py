"""Partial uploads in a folder: any order, several at once, several processes; the whole file is hashed while
it comes.
"""

import hashlib
import io
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from uuid import uuid4

import pytest

from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.files.uploads.partial import ChecksumMismatch, NotMissing, NotWhole, PartialUpload
from portfolio.files.uploads.partial_uploads import PartialUploads

CONTENT = os.urandom(3_000_001)
STEP = 400_000
STARTS = range(0, len(CONTENT), STEP)


@pytest.fixture
def place(tmp_path: Path) -> PartialUploads:
    return PartialUploads(tmp_path / "parts")


@pytest.fixture
def upload(place: PartialUploads) -> PartialUpload:
    begun = PartialUpload(uuid4(), len(CONTENT))
    place.begin(begun.id)
    return begun


def add(place: PartialUploads, upload: PartialUpload, start: int, sha256: str = "") -> None:
    part = CONTENT[start : start + STEP]
    place.add(upload, start, len(part), io.BytesIO(part), sha256)


def never(*_: object) -> str:
    raise AssertionError("the file was read again")


@pytest.mark.parametrize("starts", [list(STARTS), list(reversed(STARTS))], ids=["in order", "backwards"])
def test_a_file_that_one_process_received_is_not_read_again(place, upload, starts, monkeypatch):
    for start in starts:
        add(place, upload, start)
    monkeypatch.setattr(place, "_verified", never)
    with place.open_complete(upload) as file:
        assert (file.size, file.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())


class CoarseTime:
    """What a file system says of a file, with times of two seconds."""

    def __init__(self, found: os.stat_result) -> None:
        self._found = found

    def __getattr__(self, name: str) -> object:
        value = getattr(self._found, name)
        return value - value % 2_000_000_000 if name.endswith("time_ns") else value


@pytest.mark.parametrize("nth", [4, len(STARTS)], ids=["between two parts", "after the last part"])
def test_a_part_that_changed_within_the_tick_of_the_clock_is_found(place, upload, nth, tmp_path, monkeypatch):
    fstat, stat = os.fstat, os.stat
    monkeypatch.setattr(os, "fstat", lambda file: CoarseTime(fstat(file)))
    monkeypatch.setattr(os, "stat", lambda path, **given: CoarseTime(stat(path, **given)))
    for number, start in enumerate([*STARTS, None]):
        if number == nth:
            place._running._running[upload.id].last.result()
            with (tmp_path / "parts" / str(upload.id)).open("r+b") as changed:
                changed.seek(STEP + 1)
                changed.write(bytes([CONTENT[STEP + 1] ^ 1]))
        if start is not None:
            add(place, upload, start)
    with pytest.raises(ChecksumMismatch):
        place.open_complete(upload)


def test_parts_that_come_at_once_make_the_file(place, upload):
    with ThreadPoolExecutor(len(STARTS)) as pool:
        list(pool.map(lambda start: add(place, upload, start), STARTS))
    with place.open_complete(upload) as file:
        assert file.read() == CONTENT
        assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()


def test_a_file_that_two_processes_received_is_read_once_and_its_parts_compared(place, upload, tmp_path):
    other = PartialUploads(tmp_path / "parts")
    for number, start in enumerate(STARTS):
        add(other if number % 2 else place, upload, start)
    with place.open_complete(upload) as file:
        assert file.sha256 == hashlib.sha256(CONTENT).hexdigest()
    path = tmp_path / "parts" / str(upload.id)
    path.chmod(0o600)
    with path.open("r+b") as changed:
        changed.seek(STEP + 1)
        changed.write(bytes([CONTENT[STEP + 1] ^ 1]))
    with pytest.raises(ChecksumMismatch):
        other.open_complete(upload)


def test_the_store_takes_the_whole_file_without_a_copy(place, upload, tmp_path):
    for start in STARTS:
        add(place, upload, start)
    path, store, key = tmp_path / "parts" / str(upload.id), LocalStore(tmp_path / "files"), new_key()
    with place.open_complete(upload) as file:
        store.save(key, file)
    [kept] = (tmp_path / "files").rglob("*.file")
    assert kept.stat().st_ino == path.stat().st_ino
    assert kept.stat().st_mode & 0o777 == 0o400
    place.release(upload)
    assert kept.read_bytes() == CONTENT
    assert list((tmp_path / "parts").iterdir()) == []


def test_a_part_is_refused_twice_with_another_digest_and_once_the_upload_is_gone(place, upload):
    with pytest.raises(ChecksumMismatch):
        add(place, upload, 0, sha256="0" * 64)
    add(place, upload, 0)
    for start in (0, STEP - 1):
        with pytest.raises(NotMissing):
            add(place, upload, start)
    with pytest.raises(NotWhole):
        place.open_complete(upload)
    place.discard(upload)
    with pytest.raises(NotMissing):
        add(place, upload, STEP)
    assert not place.holds(upload)


def test_a_part_shorter_than_it_says_is_not_kept(place, upload):
    with pytest.raises(ChecksumMismatch):
        place.add(upload, 0, STEP, io.BytesIO(CONTENT[: STEP - 1]), "")
    assert place.received(upload) == ()
