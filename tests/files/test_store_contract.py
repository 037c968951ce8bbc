"""Check what every store of files promises, each promise kept by a folder and by a real S3."""

import hashlib
import io
import os
import resource
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.s3 import S3Store
from portfolio.files.storage.store import (
    FileStore,
    InvalidKey,
    KeyExists,
    KeyNotFound,
    StoreFull,
    StoreUnavailable,
    TooLarge,
    checked_key,
    new_key,
)


@pytest.fixture(params=["local", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> FileStore:
    if request.param == "local":
        return LocalStore(tmp_path / "files")
    return S3Store(request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}"))


class Generated(io.RawIOBase):
    """A stream of so many bytes that is never in memory as a whole."""

    def __init__(self, size: int, fails_at: int | None = None) -> None:
        self.left, self.fails_at, self.given = size, fails_at, 0

    def read(self, count: int = -1) -> bytes:
        count = min(count, self.left)
        self.left -= count
        self.given += count
        if self.fails_at is not None and self.given > self.fails_at:
            raise ConnectionResetError("the browser went away")
        return b"a" * count


def kept(store: FileStore, key: str) -> bytes:
    with store.open(key) as content:
        return content.read()


def leftovers(store: FileStore) -> list[str]:
    """Every file that is there without being kept."""
    if isinstance(store, LocalStore):
        return [path.name for path in store.root.rglob("*") if path.is_file() and path.suffix != ".file"]
    assert isinstance(store, S3Store)
    listed = store._reader.list_objects_v2(Bucket=store._bucket, Prefix=store._prefix).get("Contents", [])
    parts = store._reader.list_multipart_uploads(Bucket=store._bucket, Prefix=store._prefix).get("Uploads", [])
    return [one["Key"] for one in [*listed, *parts] if not one["Key"].endswith(".file")]


def test_what_is_saved_is_what_is_read_with_its_size_and_digest(store):
    content = os.urandom(700_000)
    key = new_key()
    stored = store.save(key, io.BytesIO(content))
    assert (stored.key, stored.size, stored.sha256) == (key, 700_000, hashlib.sha256(content).hexdigest())
    assert kept(store, key) == content
    assert store.exists(key)
    assert store.size(key) == 700_000


def test_a_kept_file_is_never_overwritten(store):
    key = new_key()
    store.save(key, io.BytesIO(b"first"))
    with pytest.raises(KeyExists):
        store.save(key, io.BytesIO(b"second"))
    assert kept(store, key) == b"first"
    assert leftovers(store) == []


def test_of_fifty_simultaneous_saves_of_one_key_exactly_one_wins(store):
    key, together = new_key(), threading.Barrier(50)

    def attempt(number: int) -> tuple[bytes, bool | None]:
        content, answered = b"%02d" % number * 50_000, True
        together.wait()
        for _ in range(60):
            try:
                store.save(key, io.BytesIO(content))
            except KeyExists:
                return content, False if answered else None
            # Fifty at once are slow on a busy machine: a client told so sends again, and it may be there
            # already.
            except StoreUnavailable:
                answered = False
                time.sleep(1)
            else:
                return content, True
        raise AssertionError("the store stays down")

    with ThreadPoolExecutor(50) as people:
        told = list(people.map(attempt, range(50)))
    found = kept(store, key)
    winners = [content for content, won in told if won or (won is None and content == found)]
    assert len(winners) == 1
    assert found == winners[0]
    assert leftovers(store) == []


def test_a_file_over_the_limit_is_refused_while_it_arrives(store):
    content = Generated(50_000_000)
    with pytest.raises(TooLarge) as refused:
        store.save(new_key(), content, limit=1_000_000)
    assert refused.value.limit == 1_000_000
    assert content.given < 2_000_000
    assert list(store.keys()) == []
    assert leftovers(store) == []


def test_a_file_of_exactly_the_limit_is_kept(store):
    assert store.save(new_key(), io.BytesIO(bytes(1000)), limit=1000).size == 1000


def test_a_connection_lost_in_the_middle_leaves_nothing(store):
    key = new_key()
    with pytest.raises(ConnectionResetError):
        store.save(key, Generated(5_000_000, fails_at=2_000_000))
    assert not store.exists(key)
    assert leftovers(store) == []
    assert store.save(key, io.BytesIO(b"again")).size == 5


def test_an_absent_file_is_said_to_be_absent(store):
    key = new_key()
    assert not store.exists(key)
    with pytest.raises(KeyNotFound):
        store.open(key)
    with pytest.raises(KeyNotFound):
        store.size(key)


def test_a_file_is_read_from_any_place_of_it(store):
    content, key = os.urandom(900_000), new_key()
    store.save(key, io.BytesIO(content))
    with store.open(key) as file:
        for place in (800_000, 0, 400_000, 400_001, 900_000):
            assert file.seek(place) == place
            assert file.read(50) == content[place : place + 50]
        assert file.seek(-10, os.SEEK_END) == 899_990
        assert file.read() == content[-10:]


def test_the_moment_a_file_was_kept_is_known(store):
    before, key = datetime.now(UTC) - timedelta(seconds=2), new_key()
    store.save(key, io.BytesIO(b"x"))
    assert before <= store.stored_at(key) <= datetime.now(UTC) + timedelta(seconds=1)
    with pytest.raises(KeyNotFound):
        store.stored_at(new_key())


def test_an_empty_file_is_kept_and_read(store):
    key = new_key()
    assert store.save(key, io.BytesIO(b"")).size == 0
    assert kept(store, key) == b""


def test_a_file_forgotten_is_gone_and_forgetting_it_again_changes_nothing(store):
    key, other = new_key(), new_key()
    store.save(key, io.BytesIO(b"x"))
    store.save(other, io.BytesIO(b"y"))
    store.delete(key)
    store.delete(key)
    assert list(store.keys()) == [other]


def test_every_kept_key_is_listed_once_even_when_one_begins_as_another(store):
    keys = {"ab", "ab/cd", "ab/cd/ef", "ab-c", new_key()}
    for key in keys:
        store.save(key, io.BytesIO(key.encode()))
    assert sorted(store.keys()) == sorted(keys)
    assert all(kept(store, key) == key.encode() for key in keys)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "..",
        "ab/../cd",
        "/ab",
        "ab/",
        "ab//cd",
        "AB",
        "facture.pdf",
        "ab\n",
        "a\0b",
        "é",
        ".incoming/ab",
        "-ab",
        "a" * 65,
    ],
)
def test_a_key_that_we_cannot_have_chosen_is_refused_everywhere(store, key):
    for refuse in (store.open, store.exists, store.size, store.delete, lambda key: store.save(key, io.BytesIO(b""))):
        with pytest.raises(InvalidKey):
            refuse(key)


@given(st.text())
def test_no_key_climbs_out_of_the_folder(text):
    try:
        key = checked_key(text)
    except InvalidKey:
        return
    assert Path("/files", key).resolve().is_relative_to("/files/")


@pytest.mark.slow
@pytest.mark.parametrize("place", ["local", "s3"])
def test_memory_stays_flat_whatever_the_file_weighs(request, tmp_path, place):
    made = f"LocalStore({str(tmp_path)!r})"
    if place == "s3":
        made = (
            f"S3Store(S3Settings(**{asdict(request.getfixturevalue('object_server').bucket(f'tests/{uuid4().hex}'))}))"
        )
    measured = f"""
import resource
from portfolio.files.storage.local import LocalStore
from portfolio.files.uploads.factory import S3Settings
from portfolio.files.storage.s3 import S3Store
from tests.files.test_store_contract import Generated
store = {made}
store.save("aa", Generated(1_000_000))
with store.open("aa") as file:
    file.read(1000)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
assert store.save("ab", Generated(200_000_000)).size == 200_000_000
with store.open("ab") as file:
    while file.read(250_000):
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""
    root = Path(__file__).parents[2]
    ran = subprocess.run([sys.executable, "-c", measured], cwd=root, capture_output=True, text=True, check=True)
    kilobytes = int(ran.stdout)
    assert kilobytes < 8_000


class TestTheLocalFolder:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> LocalStore:
        return LocalStore(tmp_path / "files")

    @pytest.fixture
    def flushed(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
        """Return what was made durable, in order, as the kernel names it."""
        seen: list[str] = []
        fsync = os.fsync

        def spy(descriptor: int) -> None:
            seen.append(os.readlink(f"/proc/self/fd/{descriptor}"))
            fsync(descriptor)

        monkeypatch.setattr(os, "fsync", spy)
        return seen

    @pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
    def test_the_file_then_its_folders_are_flushed_before_the_answer(self, folder, flushed):
        folder.save("ab/cd", io.BytesIO(b"x"))
        file, *folders = flushed
        assert Path(file).parent == folder.root / ".incoming"
        assert folders == [str(folder.root / "ab"), str(folder.root)]

    def test_a_place_without_room_is_told_and_leaves_nothing(self, folder):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))  # the kernel refuses to write, as on a full disk
        try:
            with pytest.raises(StoreFull):
                folder.save("ab/cd", Generated(1_000_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert leftovers(folder) == []
        assert folder.save("ab/cd", io.BytesIO(b"x")).size == 1

    def test_the_sweep_removes_what_a_crash_left_and_nothing_that_still_arrives(self, folder):
        now = datetime.now(UTC)
        for name, age in (("left", timedelta(days=2)), ("arriving", timedelta(minutes=1))):
            path = folder.root / ".incoming" / name
            path.write_bytes(b"half a file")
            os.utime(path, times=((now - age).timestamp(),) * 2)
        folder.save("ab/cd", io.BytesIO(b"x"))
        assert folder.sweep(now - timedelta(days=1)) == 1
        assert leftovers(folder) == ["arriving"]
        assert list(folder.keys()) == ["ab/cd"]

    def test_a_kept_file_is_for_the_application_alone_and_cannot_be_written_into(self, folder):
        folder.save("ab/cd", io.BytesIO(b"x"))
        assert (folder.root / "ab" / "cd.file").stat().st_mode & 0o777 == 0o400
        assert (folder.root / "ab").stat().st_mode & 0o077 == 0

    def test_what_another_process_kept_is_seen(self, folder):
        folder.save("ab/cd", io.BytesIO(b"x"))
        assert LocalStore(folder.root).exists("ab/cd")
