"""References from rows to stored files: the integrity check compares them, and orphan clean-up keeps them."""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from uuid import UUID

from sqlalchemy import Column, ColumnElement, String, Table, exists, select
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.engine import REPEATED_KEY, Database
from portfolio.domain.dossier.models.evidence import QuarantinedFile, Upload
from portfolio.domain.dossier.models.renditions import Page, PageImage, Rendition
from portfolio.domain.dossier.use_cases.conversions import count_failed_renditions, requeue, retry_failed_renditions
from portfolio.domain.dossier.use_cases.uploads import delete_stale_uploads
from portfolio.domain.retention.models import ErasedFile
from portfolio.files.integrity import check
from portfolio.files.integrity.check import FileReference, IntegrityIssue, IntegrityReport
from portfolio.files.storage.store import FileStore, StoreError, digest_of
from portfolio.files.uploads.partial import PartialUploads, key_of_upload

# Rows of one table that are read at once, and keys that are asked at once.
ROWS_AT_ONCE, KEYS_AT_ONCE = 5_000, 500
# Longer than any form takes between the keeping of its file and its row.
ORPHAN_MIN_AGE = timedelta(days=1)


def key_columns() -> list[Column[str]]:
    """Answer the columns that hold a key of the store: `key`, or a name that ends in `_key`, in any table.

    They are found, not listed: a table that comes later is never swept away for want of a line here. A column
    that repeats the key of another row keeps no file, and says so in its `info`.
    """
    columns = [
        column for table in metadata.sorted_tables for column in table.columns if REPEATED_KEY not in column.info
    ]
    return [
        column
        for column in columns
        if (column.name == "key" or column.name.endswith("_key")) and isinstance(column.type, String)
    ]


def file_references(session: Session) -> Iterator[FileReference]:
    """Answer what every row says of the file it names, by key, a range of keys at a time; its digest and size
    stand beside the key, under the same prefix.

    A row that stays after an erasure bears the key of a file that is gone, and keeps none; that of a file
    which is not scanned yet bears the key that it will have.
    """
    after: str | None = ""
    while after is not None:
        found, after = _range(session, after)
        yield from found


@dataclass(frozen=True)
class StoredNames:
    """Values that the rows of a database give of the files; nothing is held open between two ranges of keys."""

    database: Database

    def after(self, key: str = "") -> Iterator[FileReference]:
        """Return what they say of the files whose keys come after this one, in the order of their keys."""
        following: str | None = key
        while following is not None:
            with self.database.reader() as session:
                found, following = _range(session, following)
            yield from found

    def of(self, keys: Collection[str]) -> Iterator[FileReference]:
        """Return what they say of these files, in the order of their keys."""
        ordered = sorted(keys)
        for start in range(0, len(ordered), KEYS_AT_ONCE):
            some = ordered[start : start + KEYS_AT_ONCE]
            with self.database.reader() as session:
                found = [
                    reference
                    for column in key_columns()
                    for reference in _read(session, column, _place(session, column).in_(some))
                ]
            yield from sorted(found)


def _range(session: Session, after: str) -> tuple[list[FileReference], str | None]:
    """Return what rows say of the files of the next range of keys, and the last key of the range; None once
    there is no other.
    """
    found: list[FileReference] = []
    ends: list[str] = []
    for column in key_columns():
        some = list(_read(session, column, _place(session, column) > after, limit=ROWS_AT_ONCE))
        found += some
        if len(some) == ROWS_AT_ONCE:  # other rows may name the last key
            ends.append(some[-1].key)
    if not ends:
        return sorted(found), None
    within = sorted(reference for reference in found if reference.key < min(ends))
    return within, within[-1].key if within else min(ends)


def _place(session: Session, column: Column[str]) -> ColumnElement[str]:
    """Return a key as both databases, and the stores, sort it: by its bytes."""
    return column.collate("C") if session.get_bind().dialect.name == "postgresql" else column


def _read(
    session: Session, column: Column[str], which: ColumnElement[bool], limit: int | None = None
) -> Iterator[FileReference]:
    table, prefix = column.table, column.name.removesuffix("key")
    assert isinstance(table, Table)
    row = next(iter(table.primary_key))
    sha256, size = table.columns.get(f"{prefix}sha256"), table.columns.get(f"{prefix}size")
    wanted = [*(each for each in (column, row, sha256, size) if each is not None)]
    keeps_none = (exists().where(ErasedFile.file == column), exists().where(QuarantinedFile.key == column))
    query = select(*wanted).where(column.is_not(None), column != "", which, *(~each for each in keeps_none))
    for found in session.execute(query.order_by(_place(session, column)).limit(limit)).mappings():
        digest, length = (found[each] if each is not None else None for each in (sha256, size))
        yield FileReference(found[column], table.name, str(found[row]), digest or "", length)


def check_files(store: FileStore, database: Database) -> IntegrityReport:
    """Read every file again and compare it with its rows; raises StoreUnavailable.

    It reads whole files: nothing is held open.
    """
    return check.check(store, StoredNames(database))


def check_some_files(
    store: FileStore, database: Database, after: str, is_over: Callable[[], bool]
) -> tuple[IntegrityReport, str]:
    """Compare the files whose keys come after this one, until it is over; answer where it ended.

    Raises StoreUnavailable.
    """
    return check.check_some(store, StoredNames(database), after, is_over)


def check_these_files(store: FileStore, database: Database, keys: Collection[str]) -> IntegrityReport:
    """Compare the files of these keys; raises StoreUnavailable."""
    return check.check_these(store, StoredNames(database), keys)


def delete_orphan_files(store: FileStore, database: Database, at: datetime) -> tuple[int, int]:
    """Remove sendings that never ended and files that no row names, both older than a day; answer how many of each.

    Raises StoreUnavailable.
    """
    with database.reader() as session:
        coming = [key_of_upload(upload_id) for upload_id in session.scalars(select(Upload.id))]
    return check.delete_orphans(store, StoredNames(database), at - ORPHAN_MIN_AGE, coming)


def delete_abandoned_uploads(uploads: PartialUploads, database: Database, at: datetime) -> int:
    """Forget the files in parts that nobody continued for a week, and remove the bytes that no row names;
    answer how many.
    """
    with database.transaction() as session:
        expired, waited_for = delete_stale_uploads(session, at=at)
    for upload_status in expired:
        uploads.discard(upload_status.partial)
    return len(expired) + uploads.sweep(waited_for, at - ORPHAN_MIN_AGE)


def requeue_damaged(database: Database, store: FileStore, findings: Iterable[IntegrityIssue], at: datetime) -> int:
    """Order anew the page images and copies that were found lost or changed, and answer of how many files."""
    wanted = {
        (finding.table, UUID(finding.row))
        for finding in findings
        if finding.table in (PageImage.__tablename__, Rendition.__tablename__)
    }
    with database.transaction() as session:
        orders = {
            row if table == Rendition.__tablename__ else _load_rendition_id(session, row) for table, row in wanted
        }
        keys = [key for order in orders for key in requeue(session, order, at=at)]
    for key in keys:
        store.delete(key)
    return len(orders)


def count_failed(database: Database) -> int:
    """Answer of how many files the page images or the copy were given up."""
    with database.reader() as session:
        return count_failed_renditions(session)


def retry_failed(database: Database, at: datetime) -> int:
    """Order again what was given up, and answer of how many files."""
    with database.transaction() as session:
        return retry_failed_renditions(session, at=at)


def _load_rendition_id(session: Session, image_id: UUID) -> UUID:
    query = select(Page.rendition_id).join(Page.images).where(PageImage.id == image_id)
    return session.scalars(query).one()


# Digests that one process remembers; the oldest is forgotten first.
REMEMBERED = 10_000


class NotIntact(StoreError):  # noqa: N818
    """The kept file is not the one that was received."""


class Verified:
    """The digests of the files that this process has read, each under what the store says of the file."""

    def __init__(self, store: FileStore) -> None:
        """Read the files of this store."""
        self._store = store
        self._known: OrderedDict[str, tuple[Hashable, str]] = OrderedDict()
        self._lock = Lock()

    def is_intact(self, key: str, sha256: str) -> bool:
        """Return whether the file kept under this key has this digest; raises KeyNotFound, StoreUnavailable,
        InvalidKey.

        Of a file in a folder the store says its inode, size, modification and change: an ordinary owner
        cannot set the last.
        """
        state = self._store.state(key)
        with self._lock:
            known = self._known.get(key)
        if known is None or known[0] != state:
            known = (state, self._read(key))
            if self._store.state(key) == state:
                self._remember(key, known)
        return known[1] == sha256

    def check(self, key: str, sha256: str) -> None:
        """Raise NotIntact when the file kept under this key has another digest, and what `is_intact` raises."""
        if not self.is_intact(key, sha256):
            raise NotIntact(key)

    def _read(self, key: str) -> str:
        with self._store.open(key) as content:
            try:
                return digest_of(content)[1]
            except OSError:  # a disk that cannot read it back any more
                return ""

    def _remember(self, key: str, known: tuple[Hashable, str]) -> None:
        with self._lock:
            self._known[key] = known
            self._known.move_to_end(key)
            if len(self._known) > REMEMBERED:
                self._known.popitem(last=False)
