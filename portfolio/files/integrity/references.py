"""References from rows to stored files: the integrity check compares them, and orphan clean-up keeps them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from sqlalchemy import Column, String, Table, select
from sqlalchemy.orm import Session

from portfolio.all_models import metadata
from portfolio.db.engine import REPEATED_KEY, Database
from portfolio.domain.evidence.models.evidence import QuarantinedFile, Upload
from portfolio.domain.evidence.models.renditions import Page, PageImage, Rendition
from portfolio.domain.evidence.use_cases.rebuild import (
    count_failed_renditions,
    requeue,
    retry_failed_renditions,
)
from portfolio.domain.evidence.use_cases.resumable_uploads import delete_stale_uploads
from portfolio.domain.retention.models import ErasedFile
from portfolio.files.integrity import check
from portfolio.files.integrity.check import FileReference, IntegrityIssue, IntegrityReport
from portfolio.files.storage.store import FileStore
from portfolio.files.uploads.partial import PartialUploads, key_of_upload

# Longer than any form takes between the keeping of its file and its row.
ORPHAN_MIN_AGE = timedelta(days=1)


def key_columns() -> list[Column[str]]:
    """Answer the columns that hold a key of the store: `key`, or a name that ends in `_key`, in any table.

    They are found, not listed: a table that comes later is never swept away for want of a line here. A column
    that repeats the key of another row keeps no file, and says so in its `info`.
    """
    columns = [
        column
        for table in metadata.sorted_tables
        for column in table.columns
        if REPEATED_KEY not in column.info
    ]
    return [
        column
        for column in columns
        if (column.name == "key" or column.name.endswith("_key")) and isinstance(column.type, String)
    ]


def file_references(session: Session) -> Iterator[FileReference]:
    """Answer what every row says of the file it names; its digest and size stand beside the key, under the
    same prefix.

    A row that stays after an erasure bears the key of a file that is gone, and keeps none; that of a file
    which is not scanned yet bears the key that it will have.
    """
    erased = {*session.scalars(select(ErasedFile.file)), *session.scalars(select(QuarantinedFile.key))}
    for column in key_columns():
        table, prefix = column.table, column.name.removesuffix("key")
        assert isinstance(table, Table)
        row = next(iter(table.primary_key))
        sha256, size = table.columns.get(f"{prefix}sha256"), table.columns.get(f"{prefix}size")
        wanted = [
            optional_column for optional_column in (column, row, sha256, size) if optional_column is not None
        ]
        for found in session.execute(select(*wanted).where(column.is_not(None), column != "")).mappings():
            if found[column] in erased:
                continue
            digest, length = (
                found[optional_column] if optional_column is not None else None
                for optional_column in (sha256, size)
            )
            yield FileReference(found[column], table.name, str(found[row]), digest or "", length)


def check_files(store: FileStore, database: Database) -> IntegrityReport:
    """Read every file again and compare it with its rows; raises StoreUnavailable.

    It reads whole files: nothing is held open.
    """
    return check.check(store, lambda: _load_references(database))


def check_some_files(
    store: FileStore,
    database: Database,
    after: str,
    is_over: Callable[[], bool],
    only: Collection[str] | None = None,
) -> tuple[IntegrityReport, str]:
    """Compare the files whose keys come after this one, until it is over, or `only` these; answer where it
    ended.

    Raises StoreUnavailable.
    """
    wanted = frozenset(only) if only is not None else None
    naming = partial(_load_references, database)
    if wanted is not None:
        return check.check_some(
            store, lambda: [file_reference for file_reference in naming() if file_reference.key in wanted]
        )
    return check.check_some(store, naming, after, is_over)


def delete_orphan_files(store: FileStore, database: Database, at: datetime) -> tuple[int, int]:
    """Remove sendings that never ended and files that no row names, both older than a day; answer how many of
    each.

    Raises StoreUnavailable.
    """
    with database.reader() as session:
        coming = [key_of_upload(upload_id) for upload_id in session.scalars(select(Upload.id))]
    return check.delete_orphans(store, lambda: _load_references(database), at - ORPHAN_MIN_AGE, coming)


def delete_abandoned_uploads(uploads: PartialUploads, database: Database, at: datetime) -> int:
    """Forget the files in parts that nobody continued for a week, and remove the bytes that no row names;
    answer how many.
    """
    with database.transaction() as session:
        expired, waited_for = delete_stale_uploads(session, at=at)
    for upload_status in expired:
        uploads.discard(upload_status.partial)
    return len(expired) + uploads.sweep(waited_for, at - ORPHAN_MIN_AGE)


def _load_references(database: Database) -> list[FileReference]:
    with database.reader() as session:
        return list(file_references(session))


def requeue_damaged(
    database: Database, store: FileStore, findings: Iterable[IntegrityIssue], at: datetime
) -> int:
    """Order anew the page images and copies that were found lost or changed, and answer of how many files."""
    wanted = {
        (finding.table, UUID(finding.row))
        for finding in findings
        if finding.table in (PageImage.__tablename__, Rendition.__tablename__)
    }
    with database.transaction() as session:
        orders = {
            row if table == Rendition.__tablename__ else _load_rendition_id(session, row)
            for table, row in wanted
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
    query = (
        select(Page.rendition_id)
        .join(PageImage, PageImage.page_id == Page.id)
        .where(PageImage.id == image_id)
    )
    return session.scalars(query).one()
