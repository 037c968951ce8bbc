"""Files are received, checked and kept before any transaction; what no piece names in the end is
forgotten.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from portfolio.files import antivirus
from portfolio.files.file_types.detect import sniff
from portfolio.files.filenames import display_filename
from portfolio.files.storage.store import (
    AdoptedFile,
    FileStore,
    StoreError,
    StoreUnavailable,
    TooLarge,
    new_key,
)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ReceivedFile:
    """A file that is kept in the store, and what it really is."""

    key: str
    name: str
    mime: str
    family: str
    pages: int | None
    size: int
    sha256: str
    seconds: int | None = None
    # The day that a camera wrote into the photograph.
    taken_on: date | None = None


@dataclass
class UploadBatch:
    """The files of one form. Those still waiting when it ends are deleted: no piece names them."""

    store: FileStore
    limit: int
    waiting: list[ReceivedFile] = field(default_factory=list)

    def store_file(self, name: str | None, content: BinaryIO, taken_on: date | None = None) -> ReceivedFile:
        """Check what a file is, keep it durably, and answer it; its name is shown, never obeyed.

        `taken_on`: the day of the photographs that the file was made of.

        Raises FileRejected, TooLarge (in bytes), StoreFull, StoreUnavailable; then nothing of it is kept.
        """
        size = _size_of(content)
        if size > self.limit:
            raise TooLarge(self.limit)
        self.store.prefetch(content)
        what = sniff(content, size)
        antivirus.scan(content)
        stored = self.store.save(new_key(), content, self.limit)
        file = ReceivedFile(
            stored.key, display_filename(name), what.mime, what.kind.family.value, what.pages, stored.size,
            stored.sha256, what.seconds, what.taken_on or taken_on
        )  # fmt: skip
        if not isinstance(
            content, AdoptedFile
        ):  # its upload goes on waiting; only who takes its row may delete it
            self.waiting.append(file)
        if stored.size != size:  # never acknowledge less than what came
            raise StoreUnavailable(f"{stored.size} bytes kept of {size}")
        return file

    def drop(self, file: ReceivedFile) -> None:
        """Delete a file of the form that no piece will name."""
        if file in self.waiting:
            self.waiting.remove(file)
            delete_file(self.store, file.key)

    def keep(self) -> None:
        """The transaction that names them is done: they stay."""
        self.waiting.clear()


@contextmanager
def upload_batch(store: FileStore, limit: int) -> Iterator[UploadBatch]:
    """Open the reception of the files of one form; what was not said to `keep()` is deleted at the end, as
    best we can.
    """
    opened = UploadBatch(store, limit)
    try:
        yield opened
    finally:
        for file in opened.waiting:
            delete_file(store, file.key)


def delete_file(store: FileStore, key: str) -> None:
    """Delete a file that no row names any more, as best we can; an empty key is none."""
    if not key:
        return
    try:
        store.delete(key)
    except (StoreError, OSError):  # a sweep of the store finds it later
        _log.warning("a file that no piece names could not be deleted: %s", key)


def _size_of(content: BinaryIO) -> int:
    size = content.seek(0, os.SEEK_END)
    content.seek(0)
    return size
