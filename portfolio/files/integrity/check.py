"""Comparison of a store, byte for byte, with what rows say that it holds; and what it holds that no row names.

Rows and files are read side by side in the order of their keys: as much memory for ten files as for millions.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Protocol

from portfolio.files.storage.store import FileStore, InvalidKey, KeyNotFound, digest_of


class IssueKind(StrEnum):
    """Faults of a file."""

    CHANGED = "changed"
    MISSING = "missing"
    ORPHAN = "orphan"


@dataclass(frozen=True, order=True, slots=True)
class FileReference:
    """Reference of a row to a file: its key, its SHA-256 in lowercase hexadecimal and its size in bytes, if it says
    them.
    """

    key: str
    table: str
    row: str
    sha256: str = ""
    size: int | None = None


@dataclass(frozen=True, slots=True)
class IntegrityIssue:
    """One thing that is wrong; `table` and `row` are the one that names the file, empty for an orphan."""

    fault: IssueKind
    key: str
    table: str = ""
    row: str = ""


@dataclass(frozen=True, slots=True)
class IntegrityReport:
    """Result of a check: what it read, and what is wrong: all is well when nothing is."""

    files: int
    size: int
    findings: Sequence[IntegrityIssue]

    @property
    def ok(self) -> bool:
        """Return whether every file is what its rows say, and every file has a row."""
        return not self.findings


class Naming(Protocol):
    """Values that rows give of the files that they name."""

    def after(self, key: str = "") -> Iterator[FileReference]:
        """Return what they say of the files whose keys come after this one, in the order of their keys."""

    def of(self, keys: Collection[str]) -> Iterable[FileReference]:
        """Return what they say of these files, in the order of their keys."""


def check(store: FileStore, naming: Naming) -> IntegrityReport:
    """Read every named file to its end, and compare.

    What is sent, replaced or erased meanwhile is no fault: a doubt is asked again at the end. Raises StoreUnavailable.
    """
    files, size = 0, 0
    findings: list[IntegrityIssue] = []
    for key, rows in _beside(store.keys(), naming.after()):
        if not rows:
            findings.append(IntegrityIssue(IssueKind.ORPHAN, key))
            continue
        read, wrong = _compared(store, key, rows)
        files, size = files + 1, size + read
        findings += wrong
    findings.sort(key=lambda finding: finding.fault is IssueKind.ORPHAN)
    return IntegrityReport(files, size, _still_true(store, naming, findings))


def _beside(keys: Iterable[str], named: Iterable[FileReference]) -> Iterator[tuple[str, Sequence[FileReference]]]:
    """Yield each key that is kept or named, with the rows that name it, in the order of the keys."""
    kept = iter(keys)
    key = next(kept, None)
    for name, rows in groupby(named, key=lambda file_reference: file_reference.key):
        while key is not None and key < name:
            yield key, ()
            key = next(kept, None)
        if key == name:
            key = next(kept, None)
        yield name, list(rows)
    while key is not None:
        yield key, ()
        key = next(kept, None)


def check_some(
    store: FileStore, naming: Naming, after: str = "", is_over: Callable[[], bool] = lambda: False
) -> tuple[IntegrityReport, str]:
    """Compare the named files whose keys come after this one, until it is over; raises StoreUnavailable.

    Answers with the last key read, or "" once the last file is read. What no row names is left to the sweep.
    """
    files, size, until = 0, 0, ""
    findings: list[IntegrityIssue] = []
    for key, rows in groupby(naming.after(after), key=lambda file_reference: file_reference.key):
        if files and is_over():
            return IntegrityReport(files, size, _still_true(store, naming, findings)), until
        read, wrong = _compared(store, key, list(rows))
        files, size, until = files + 1, size + read, key
        findings += wrong
    return IntegrityReport(files, size, _still_true(store, naming, findings)), ""


def check_these(store: FileStore, naming: Naming, keys: Collection[str]) -> IntegrityReport:
    """Compare the files of these keys; raises StoreUnavailable."""
    files, size = 0, 0
    findings: list[IntegrityIssue] = []
    for key, rows in groupby(naming.of(keys), key=lambda file_reference: file_reference.key):
        read, wrong = _compared(store, key, list(rows))
        files, size = files + 1, size + read
        findings += wrong
    return IntegrityReport(files, size, _still_true(store, naming, findings))


def delete_orphans(
    store: FileStore, naming: Naming, older_than: datetime, spared: Collection[str] = ()
) -> tuple[int, int]:
    """Remove the sendings that never ended and the files no row names, all from before this moment; answer
    how many of each.

    What is under the spared keys stays: an upload goes on there.

    A file is kept before its row is written: only one that has waited that long for a row is forgotten.
    Raises StoreUnavailable.
    """
    begun = store.sweep(older_than, spared)
    waited_for, forgotten = set(spared), 0
    for key, rows in _beside(store.keys(), naming.after()):
        if rows or key in waited_for or not _stored_before(store, key, older_than):
            continue
        if not any(naming.of([key])):  # a file that got its row meanwhile is seen to have it
            store.delete(key)
            forgotten += 1
    return begun, forgotten


def _stored_before(store: FileStore, key: str, moment: datetime) -> bool:
    try:
        return store.stored_at(key) < moment
    except (KeyNotFound, InvalidKey):  # gone meanwhile, or no file of ours: not ours to remove
        return False


def _compared(store: FileStore, key: str, rows: Sequence[FileReference]) -> tuple[int, list[IntegrityIssue]]:
    try:
        with store.open(key) as content:
            size, sha256 = digest_of(content)
    except (KeyNotFound, InvalidKey):
        return 0, [IntegrityIssue(IssueKind.MISSING, key, row.table, row.row) for row in rows]
    except OSError:  # a disk that cannot read it back any more
        size, sha256 = 0, ""
    return size, [
        IntegrityIssue(IssueKind.CHANGED, key, row.table, row.row) for row in rows if not _agrees(row, size, sha256)
    ]


def _agrees(row: FileReference, size: int, sha256: str) -> bool:
    return row.sha256 in {"", sha256} and row.size in {None, size} and sha256 != ""


def _still_true(store: FileStore, naming: Naming, findings: Sequence[IntegrityIssue]) -> list[IntegrityIssue]:
    if not findings:
        return []
    keys = {finding.key for finding in findings}
    named: Mapping[str, set[tuple[str, str]]] = {
        key: {(row.table, row.row) for row in rows}
        for key, rows in groupby(naming.of(keys), key=lambda file_reference: file_reference.key)
    }
    return list(_confirmed(store, named, findings))


def _confirmed(
    store: FileStore, named: Mapping[str, set[tuple[str, str]]], findings: Iterable[IntegrityIssue]
) -> Iterator[IntegrityIssue]:
    for finding in findings:
        if finding.fault is IssueKind.ORPHAN:
            is_confirmed = finding.key not in named and _is_there(store, finding.key)
        else:
            is_confirmed = (finding.table, finding.row) in named.get(finding.key, set())
        if is_confirmed:
            yield finding


def _is_there(store: FileStore, key: str) -> bool:
    try:
        return store.exists(key)
    except InvalidKey:
        return True
