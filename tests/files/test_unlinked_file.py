"""A file that is on the disk and hashed already is kept without a copy, by a folder and by a real S3."""

import errno
import hashlib
import os
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from portfolio.files.storage import local
from portfolio.files.storage.local import LocalStore, UnlinkedFile
from portfolio.files.storage.s3 import S3Store
from portfolio.files.storage.store import FileStore, KeyExists, StoreFull, TooLarge, new_key

CONTENT = os.urandom(3_000_001)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    return S3Store(request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}"))


@pytest.fixture
def landed(tmp_path: Path) -> Callable[..., UnlinkedFile]:
    def made(content: bytes = CONTENT) -> UnlinkedFile:
        path = tmp_path / uuid4().hex
        path.write_bytes(content)
        path.chmod(0o400)
        return UnlinkedFile(os.open(path, os.O_RDONLY), len(content), hashlib.sha256(content).hexdigest())

    return made


def kept(store: FileStore, key: str) -> bytes:
    with store.open(key) as content:
        return content.read()


def test_nobody_can_write_into_what_has_landed(landed):
    with landed() as file, pytest.raises(OSError, match="Bad file descriptor"):
        os.write(file.fileno(), b"other bytes")


def test_what_landed_is_kept_and_never_overwritten(store, landed):
    key = new_key()
    with landed() as file:
        stored = store.save(key, file, len(CONTENT))
    assert (stored.key, stored.size, stored.sha256) == (key, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT
    with landed(b"before") as other, pytest.raises(KeyExists):
        store.save(key, other)
    assert kept(store, key) == CONTENT


def test_of_ten_simultaneous_writes_under_one_key_exactly_one_is_kept(store, landed):
    key, files = new_key(), [landed() for _ in range(10)]

    def save(file: UnlinkedFile) -> bool:
        with file, suppress(KeyExists):
            store.save(key, file)
            return True
        return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(save, files)) == 1
    assert kept(store, key) == CONTENT


def test_what_landed_and_is_too_large_is_refused_and_nothing_of_it_stays(store, landed):
    key = new_key()
    with landed() as file, pytest.raises(TooLarge):
        store.save(key, file, len(CONTENT) - 1)
    assert not store.exists(key)
    assert list(store.keys()) == []


def test_a_kept_file_is_for_its_owner_to_read_alone(tmp_path, landed):
    store, key = LocalStore(tmp_path / "files"), new_key()
    with landed() as file:
        store.save(key, file)
    [path] = (tmp_path / "files").rglob("*.file")
    assert path.stat().st_mode & 0o777 == 0o400


@pytest.fixture
def other_disk(tmp_path: Path) -> Iterator[Path]:
    """A folder on another disk than the files on their way."""
    for place in (Path("/dev/shm"), Path("/var/tmp")):
        if place.is_dir() and os.access(place, os.W_OK) and place.stat().st_dev != tmp_path.stat().st_dev:
            with tempfile.TemporaryDirectory(dir=place) as folder:
                yield Path(folder)
            return
    pytest.skip("this machine has one disk only")


def test_on_another_disk_what_landed_is_copied(other_disk, landed):
    store, key = LocalStore(other_disk / "files"), new_key()
    with landed() as file:
        stored = store.save(key, file)
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT


def test_what_is_expected_is_flushed_meanwhile_and_let_go_only_then(landed, monkeypatch):
    flush, flushed, may_end = os.fsync, [], threading.Event()

    def slowly(descriptor: int) -> None:
        may_end.wait(60)
        flush(descriptor)
        flushed.append(descriptor)

    monkeypatch.setattr(os, "fsync", slowly)
    file = landed()
    descriptor = file.fileno()
    LocalStore.prefetch(object.__new__(LocalStore), file)
    assert flushed == []
    may_end.set()
    file.close()
    assert flushed == [descriptor]


def test_a_disk_that_fails_while_it_flushes_keeps_nothing(tmp_path, landed, monkeypatch):
    store = LocalStore(tmp_path / "files")

    def fails(_descriptor: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with landed() as file:
        monkeypatch.setattr(os, "fsync", fails)
        store.prefetch(file)
        with pytest.raises(OSError, match="broken"):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []


def test_a_disk_that_fills_while_it_names_the_file_is_told_as_full(tmp_path, landed, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    store = LocalStore(tmp_path / "files")
    with landed() as file:
        monkeypatch.setattr(local.os, "link", full)
        with pytest.raises(StoreFull):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []
