"""A file is written once, as it comes, and kept as it landed, by a folder and by a real S3."""

from __future__ import annotations

import errno
import hashlib
import os
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path
from uuid import uuid4

import pytest

from portfolio.files.storage import unlinked_file
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.s3 import S3Store
from portfolio.files.storage.store import CHUNK_BYTES, FileStore, KeyExists, StoreFull, TooLarge, new_key
from portfolio.files.storage.unlinked_file import HashingTempFile, UnlinkedFile

CONTENT = os.urandom(3_000_001)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    return S3Store(request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}"))


def landed(content: bytes = CONTENT) -> UnlinkedFile:
    with closing(HashingTempFile()) as landing:
        for place in range(0, len(content), CHUNK_BYTES):
            landing.write(memoryview(content)[place : place + CHUNK_BYTES])
        return landing.landed()


def kept(store: FileStore, key: str) -> bytes:
    with store.open(key) as content:
        return content.read()


@pytest.mark.parametrize("content", [b"", b"x", CONTENT], ids=["nothing", "a byte", "megabytes"])
def test_what_lands_is_what_came_with_its_size_and_digest(content):
    with landed(content) as file:
        assert (file.size, file.sha256, file.read()) == (len(content), hashlib.sha256(content).hexdigest(), content)


def test_nobody_can_write_into_what_has_landed():
    with landed() as file, pytest.raises(OSError, match="Bad file descriptor"):
        os.write(file.fileno(), b"other bytes")


def test_what_landed_is_kept_and_never_overwritten(store):
    key = new_key()
    with landed() as file:
        stored = store.save(key, file, len(CONTENT))
    assert (stored.key, stored.size, stored.sha256) == (key, len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT
    with landed(b"before") as other, pytest.raises(KeyExists):
        store.save(key, other)
    assert kept(store, key) == CONTENT


def test_of_ten_simultaneous_landings_under_one_key_exactly_one_is_kept(store):
    key, files = new_key(), [landed() for _ in range(10)]

    def save(file: UnlinkedFile) -> bool:
        with file, suppress(KeyExists):
            store.save(key, file)
            return True
        return False

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(save, files)) == 1
    assert kept(store, key) == CONTENT


def test_what_landed_and_is_too_large_is_refused_and_nothing_of_it_stays(store):
    key = new_key()
    with landed() as file, pytest.raises(TooLarge):
        store.save(key, file, len(CONTENT) - 1)
    assert not store.exists(key)
    assert list(store.keys()) == []


def test_a_kept_file_is_for_its_owner_to_read_alone(tmp_path):
    store, key = LocalStore(tmp_path / "files"), new_key()
    with landed() as file:
        store.save(key, file)
    [path] = (tmp_path / "files").rglob("*.file")
    assert path.stat().st_mode & 0o777 == 0o400


def other_disk(tmp_path: Path) -> Path:
    """A folder on another disk than the files on their way."""
    for place in (Path("/dev/shm"), Path("/var/tmp"), tmp_path):
        if place.is_dir() and os.access(place, os.W_OK) and place.stat().st_dev != os.stat(tempfile.gettempdir()).st_dev:
            return Path(tempfile.mkdtemp(dir=place))
    pytest.skip("this machine has one disk only")


def test_on_another_disk_what_landed_is_copied(tmp_path):
    store, key = LocalStore(other_disk(tmp_path) / "files"), new_key()
    with landed() as file:
        stored = store.save(key, file)
    assert (stored.size, stored.sha256) == (len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    assert kept(store, key) == CONTENT


def test_what_is_expected_is_flushed_meanwhile_and_let_go_only_then(tmp_path, monkeypatch):
    flush, flushed = os.fsync, []

    def slowly(descriptor: int) -> None:
        time.sleep(0.3)
        flush(descriptor)
        flushed.append(descriptor)

    monkeypatch.setattr(os, "fsync", slowly)
    began, file = time.monotonic(), landed()
    descriptor = file.fileno()
    LocalStore.expect(object.__new__(LocalStore), file)
    assert time.monotonic() - began < 0.3
    assert flushed == []
    file.close()
    assert flushed == [descriptor]


def test_a_disk_that_fails_while_it_flushes_keeps_nothing(tmp_path, monkeypatch):
    store = LocalStore(tmp_path / "files")

    def fails(_descriptor: int) -> None:
        raise OSError(errno.EIO, "the disk is broken")

    with landed() as file:
        monkeypatch.setattr(os, "fsync", fails)
        store.expect(file)
        with pytest.raises(OSError, match="broken"):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []


def test_a_disk_that_fills_while_the_file_comes_says_so(monkeypatch):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "no space")

    with closing(HashingTempFile()) as landing:
        landing.write(memoryview(b"before"))
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OSError, match="no space"):
            landing.write(memoryview(b"after"))
        monkeypatch.undo()


def test_the_system_may_write_a_piece_by_halves(monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, piece: write(file, piece[: len(piece) // 2 + 1]))
    with landed() as file:
        assert (file.size, file.read()) == (len(CONTENT), CONTENT)


@pytest.mark.parametrize("missing", [True, False])
def test_a_system_that_does_not_write_ahead_writes_at_the_end(monkeypatch, missing):
    content = bytes(9 << 20)
    if missing:
        monkeypatch.setattr(unlinked_file.ctypes, "CDLL", lambda _: object())
    with landed(content) as file:
        file.begin_to_flush()
        assert file.read() == content


def test_a_disk_that_fills_while_it_names_the_file_is_told_as_full(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    store = LocalStore(tmp_path / "files")
    with landed() as file:
        monkeypatch.setattr(unlinked_file.os, "link", full)
        with pytest.raises(StoreFull):
            store.save(new_key(), file)
        monkeypatch.undo()
    assert list(store.keys()) == []


def test_a_disk_that_knows_no_nameless_files_is_known_for_it(monkeypatch, tmp_path):
    def unknown(path: str, flags: int, *mode: int) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, "not on this disk")
        return open_(path, flags, *mode)

    open_ = os.open
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "open", unknown)
    assert not unlinked_file.supports_unlinked_files()
    monkeypatch.undo()
    assert unlinked_file.supports_unlinked_files()
