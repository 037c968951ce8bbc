"""A kept file is read again when it changed, and only then."""

import io
import os
import time
from pathlib import Path

import pytest

from portfolio.files.integrity.references import NotIntact, Verified
from portfolio.files.storage import local
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import KeyNotFound


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "files")


def flip(store: LocalStore, key: str, *, keep_time: bool = False) -> None:
    """Change one byte of a kept file in its place."""
    path = store._path(key)
    before = path.stat()
    path.chmod(0o600)
    with path.open("r+b") as file:
        file.seek(3)
        byte = file.read(1)[0]
        file.seek(3)
        file.write(bytes([byte ^ 1]))
    if keep_time:
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("keep_time", [False, True])
def test_a_flipped_byte_is_found_even_when_the_time_of_the_file_is_put_back(store, keep_time):
    kept = store.save("ab/cd", io.BytesIO(b"a sealed file"))
    verified = Verified(store)
    assert verified.is_intact("ab/cd", kept.sha256)
    flip(store, "ab/cd", keep_time=keep_time)
    assert not verified.is_intact("ab/cd", kept.sha256)
    with pytest.raises(NotIntact):
        verified.check("ab/cd", kept.sha256)


def test_a_byte_that_changed_within_the_tick_of_the_clock_is_found(store, monkeypatch):
    """A file system with a coarse clock gives both changes one time; here none ever moves."""
    kept = store.save("ab/cd", io.BytesIO(b"a sealed file"))
    path, stat = store._path("ab/cd"), Path.stat
    frozen = path.stat()
    monkeypatch.setattr(Path, "stat", lambda it, **given: frozen if it == path else stat(it, **given))
    verified = Verified(store)
    assert verified.is_intact("ab/cd", kept.sha256)
    path.chmod(0o600)
    path.write_bytes(b"a_sealed file")
    assert not verified.is_intact("ab/cd", kept.sha256)


def test_a_file_that_did_not_change_is_read_once(store, monkeypatch):
    kept = store.save("ab/cd", io.BytesIO(b"a sealed file"))
    monkeypatch.setattr(local, "time_ns", lambda: time.time_ns() + 3_000_000_000)
    verified, opened = Verified(store), []
    real = store.open
    monkeypatch.setattr(store, "open", lambda key: opened.append(key) or real(key))
    for _ in range(3):
        assert verified.is_intact("ab/cd", kept.sha256)
        assert not verified.is_intact("ab/cd", "0" * 64)
    assert opened == ["ab/cd"]


def test_a_restored_file_is_intact_again(store):
    kept = store.save("ab/cd", io.BytesIO(b"a sealed file"))
    verified = Verified(store)
    for _ in range(2):
        flip(store, "ab/cd")
        intact = verified.is_intact("ab/cd", kept.sha256)
    assert intact


def test_an_absent_file_is_told_as_everywhere(store):
    with pytest.raises(KeyNotFound):
        Verified(store).is_intact("ab/cd", "0" * 64)
