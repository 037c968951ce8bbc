"""A file that lies in the body of a form is taken out of it once, and kept as it landed, by a folder and by a real S3."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

import pytest

from portfolio.storage import landing
from portfolio.storage.landing import Landed, land
from portfolio.storage.local import LocalStore
from portfolio.storage.s3 import S3Store
from portfolio.storage.store import AlreadyStored, FileStore, StoreFull, TooLarge, new_key

CONTENT = os.urandom(3_000_001)


@pytest.fixture
def body():
    with tempfile.TemporaryFile() as file:
        file.write(b"before" + CONTENT + b"after")
        file.flush()
        yield file


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    return S3Store(request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}"))


def landed(body) -> Landed:
    return land(body.fileno(), 6, 6 + len(CONTENT))


def kept(store: FileStore, key: str) -> bytes:
    with store.open(key) as content:
        return content.read()


def test_what_lands_is_what_lay_there_with_its_size_and_digest_and_the_body_does_not_move(body):
    place = body.tell()
    with landed(body) as file:
        assert (file.size, file.sha256, file.read()) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest(), CONTENT)
    assert body.tell() == place


def test_nobody_can_write_into_what_has_landed(body):
    with landed(body) as file, pytest.raises(OSError, match="Bad file descriptor"):
        os.write(file.fileno(), b"other bytes")


def test_what_landed_is_kept_and_never_overwritten(store, body):
    key = new_key()
    with landed(body) as file:
        stored = store.save(key, file, len(CONTENT))
    assert (stored.key, stored.size, stored.sha256) == (key, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT
    with land(body.fileno(), 0, 6) as other, pytest.raises(AlreadyStored):
        store.save(key, other)
    assert kept(store, key) == CONTENT


def test_of_ten_simultaneous_landings_under_one_key_exactly_one_is_kept(store, body):
    key, files = new_key(), [landed(body) for _ in range(10)]

    def save(file: Landed) -> bool:
        with file, suppress(AlreadyStored):
            store.save(key, file)
            return True
        return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(save, files)) == 1
    assert kept(store, key) == CONTENT


def test_what_landed_and_is_too_large_is_refused_and_nothing_of_it_stays(store, body):
    key = new_key()
    with landed(body) as file, pytest.raises(TooLarge):
        store.save(key, file, len(CONTENT) - 1)
    assert not store.exists(key)
    assert list(store.keys()) == []


def test_a_kept_file_is_for_its_owner_to_read_alone(tmp_path, body):
    store, key = LocalStore(tmp_path / "files"), new_key()
    with landed(body) as file:
        store.save(key, file)
    [path] = (tmp_path / "files").rglob("*.file")
    assert path.stat().st_mode & 0o777 == 0o400


def other_disk(tmp_path: Path) -> Path:
    """A folder on another disk than the files on their way."""
    for place in (Path("/dev/shm"), Path("/var/tmp"), tmp_path):
        if place.is_dir() and os.access(place, os.W_OK) and place.stat().st_dev != os.stat(tempfile.gettempdir()).st_dev:
            return Path(tempfile.mkdtemp(dir=place))
    pytest.skip("this machine has one disk only")


def test_on_another_disk_what_landed_is_copied(tmp_path, body):
    store, key = LocalStore(other_disk(tmp_path) / "files"), new_key()
    with landed(body) as file:
        stored = store.save(key, file)
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT


def test_what_is_expected_is_flushed_meanwhile_and_let_go_only_then(tmp_path, body, monkeypatch):
    flush, flushed = os.fsync, []

    def slowly(descriptor: int) -> None:
        time.sleep(0.3)
        flush(descriptor)
        flushed.append(descriptor)

    monkeypatch.setattr(os, "fsync", slowly)
    began, file = time.monotonic(), landed(body)
    descriptor = file.fileno()
    LocalStore.expect(object.__new__(LocalStore), file)
    assert time.monotonic() - began < 0.3
    assert flushed == []
    file.close()
    assert flushed == [descriptor]


def test_a_disk_that_fails_while_it_flushes_keeps_nothing(tmp_path, body, monkeypatch):
    store = LocalStore(tmp_path / "files")

    def fails(_descriptor: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with landed(body) as file:
        monkeypatch.setattr(os, "fsync", fails)
        store.expect(file)
        with pytest.raises(OSError, match="broken"):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []


def test_a_disk_that_fails_while_it_is_hashed_keeps_nothing(store, body, monkeypatch):
    def fails(*_: object) -> int:
        raise OSError(errno.EIO, "the disk is broken")

    with monkeypatch.context() as patched:
        patched.setattr(os, "preadv", fails)
        with landed(body) as file, pytest.raises(OSError, match="broken"):
            store.save(new_key(), file)
    assert list(store.keys()) == []


def test_where_the_system_does_not_copy_between_files_we_do(body, monkeypatch):
    def refuse(*_: object) -> int:
        raise OSError(errno.EXDEV, "another kind of disk")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    with landed(body) as file:
        assert file.read() == CONTENT


def test_a_disk_that_fills_while_it_names_the_file_is_told_as_full(tmp_path, body, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    store = LocalStore(tmp_path / "files")
    with landed(body) as file:
        monkeypatch.setattr(landing.os, "link", full)
        with pytest.raises(StoreFull):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []


def test_a_body_shorter_than_it_was_is_never_taken_for_the_file(body):
    with pytest.raises(OSError, match="shorter"):
        land(body.fileno(), 6, 6 + len(CONTENT) + 100)
