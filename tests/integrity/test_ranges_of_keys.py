"""Files are checked by ranges of keys: as much memory for ten of them as for ten millions."""

import hashlib
import io
import tracemalloc
from datetime import timedelta

import pytest

from portfolio.domain.integrity_checks.models import DamagedFile
from portfolio.files.integrity import check, references
from portfolio.files.integrity.check import FileReference, IssueKind
from portfolio.files.integrity.references import StoredNames, check_files, check_some_files, file_references
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import KeyNotFound
from portfolio.web.clock import now
from tests import factories, thoroughness

pytestmark = [pytest.mark.both, pytest.mark.slow]

# 10 million takes some minutes.
MANY = 10_000_000 if thoroughness.EXHAUSTIVE else 100_000
MOST_BYTES = 200 * 1024**2 if thoroughness.EXHAUSTIVE else 4 * 1024**2
CONTENT, MISSING, UNNAMED, CHANGED = b"x", 7, 11, 13


def key(number: int) -> str:
    return f"{number % 256:02x}/{number:08x}"


def ordered() -> range:
    return range(256)


class ManyFiles:
    """A store of many files of one byte, and the rows that name them; neither holds a list of them."""

    def keys(self):
        for folder in ordered():
            yield from (key(number) for number in range(folder, MANY, 256) if number != MISSING)

    def open(self, name):
        if name == key(MISSING):
            raise KeyNotFound(name)
        return io.BytesIO(CONTENT)

    def after(self, name=""):
        digest, other = hashlib.sha256(CONTENT).hexdigest(), "0" * 64
        for folder in ordered():
            for number in range(folder, MANY, 256):
                if number != UNNAMED and key(number) > name:
                    yield FileReference(key(number), "page_image", "", other if number == CHANGED else digest, 1)

    def of(self, names):
        wanted = set(names)
        return (reference for reference in self.after() if reference.key in wanted)

    def exists(self, name):
        return name != key(MISSING)


def test_many_files_are_checked_in_flat_memory():
    many = ManyFiles()
    tracemalloc.start()
    try:
        found = check.check(many, many)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found.files == MANY - 1
    assert {(issue.key, issue.fault) for issue in found.findings} == {
        (key(MISSING), IssueKind.MISSING),
        (key(CHANGED), IssueKind.CHANGED),
        (key(UNNAMED), IssueKind.ORPHAN),
    }
    assert peak < MOST_BYTES


@pytest.fixture
def kept(db, tmp_path, monkeypatch):
    """A store of forty pieces, read five rows at a time."""
    monkeypatch.setattr(references, "ROWS_AT_ONCE", 5)
    monkeypatch.setattr(references, "KEYS_AT_ONCE", 3)
    store = LocalStore(tmp_path / "files")
    with db.transaction() as session:
        world = factories.world(session)
        for number in range(50, 80):
            factories.evidence(session, world.candidacy.id, number)
    with db.reader() as session:
        keys = [reference.key for reference in file_references(session)]
    for name in keys:
        store.save(name, io.BytesIO(factories.CONTENT))
    return store, keys


def test_ranges_follow_one_another_and_miss_no_row(db, kept):
    store, keys = kept
    assert len(keys) > 40
    assert keys == sorted(set(keys))
    names = StoredNames(db)
    assert [reference.key for reference in names.after()] == keys
    assert [reference.key for reference in names.after(keys[17])] == keys[18:]
    assert [reference.key for reference in names.of(keys[3:20])] == keys[3:20]
    assert check_files(store, db).ok
    report, until = check_some_files(store, db, keys[9], lambda: True)
    assert (report.files, until) == (1, keys[10]), "a night that is over goes on from there"


def test_what_is_wrong_is_named_in_any_range(db, kept):
    store, keys = kept
    store.delete(keys[4])
    store.save("00/0", io.BytesIO(b"unnamed"))
    store.save("ff/f", io.BytesIO(b"unnamed"))
    with db.transaction() as session:
        session.add(DamagedFile(key=keys[5], found_at=now()))
    found = check_files(store, db)
    assert {(issue.key, issue.fault) for issue in found.findings} == {
        (keys[4], IssueKind.MISSING),
        ("00/0", IssueKind.ORPHAN),
        ("ff/f", IssueKind.ORPHAN),
    }
    swept = references.delete_orphan_files(store, db, now() + timedelta(days=2))
    assert swept == (0, 2)
    assert set(store.keys()) == set(keys) - {keys[4]}
