"""Files are received, checked and kept before any transaction; what no piece names in the end is
forgotten. What the antivirus cannot scan now is kept apart (`quarantine`).
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from portfolio.domain.evidence.use_cases.quarantine import Quarantine
from portfolio.files import antivirus
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import FileRejected, RejectionReason
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
    # Without one, a file that cannot be scanned is refused.
    quarantine: Quarantine | None = None
    waiting: list[ReceivedFile] = field(default_factory=list)
    # The keys of the files that are kept apart until they are scanned.
    apart: set[str] = field(default_factory=set)

    def store_file(
        self,
        name: str | None,
        content: BinaryIO,
        taken_on: date | None = None,
        *,
        is_ours: bool = False,
    ) -> ReceivedFile:
        """Check what a file is, keep it durably, and answer it; its name is shown, never obeyed.

        `taken_on`: the day of the photographs that the file was made of. `is_ours`: we made it, and nothing
        is to be scanned.

        Raises FileRejected, TooLarge (in bytes), StoreFull, StoreUnavailable; then nothing of it is kept.
        """
        size = _size_of(content)
        if size > self.limit:
            raise TooLarge(self.limit)
        self.store.prefetch(content)
        what = sniff(content, size)
        is_apart = not is_ours and not self._is_scanned(content)
        stored = self.store.save(new_key(), content, self.limit)
        key = new_key() if is_apart else stored.key
        file = ReceivedFile(
            key, display_filename(name), what.mime, what.kind.family.value, what.pages, stored.size,
            stored.sha256, what.seconds, what.taken_on or taken_on
        )  # fmt: skip
        if not isinstance(
            content, AdoptedFile
        ):  # its upload goes on waiting; only who takes its row may delete it
            self.waiting.append(file)
        if is_apart and self.quarantine is not None:
            self.apart.add(file.key)
            self.quarantine.hold(file.key, stored)
        if stored.size != size:  # never acknowledge less than what came
            raise StoreUnavailable(f"{stored.size} bytes kept of {size}")
        return file

    def drop(self, file: ReceivedFile) -> None:
        """Delete a file of the form that no piece will name."""
        if file in self.waiting:
            self.waiting.remove(file)
            delete_file(self.store, file.key)
        self._forget(file.key)

    def keep(self) -> None:
        """The transaction that names them is done: they stay."""
        self.waiting.clear()
        self.apart.clear()

    def discard(self) -> None:
        """Delete what no transaction named, as best we can."""
        for file in self.waiting:
            delete_file(self.store, file.key)
        for key in tuple(self.apart):
            self._forget(key)

    def _forget(self, key: str) -> None:
        if key in self.apart and self.quarantine is not None:
            self.apart.remove(key)  # its content is swept later: an upload that goes on may own it
            self.quarantine.forget(key)

    def _is_scanned(self, content: BinaryIO) -> bool:
        """Return whether a file was found clean; False when it is to be kept apart until it is.

        Once the antivirus was silent for a file of the form, the others do not wait for it too.
        """
        if self.apart:
            return False
        try:
            antivirus.scan(content)
        except FileRejected as error:
            if error.code is not RejectionReason.NOT_SCANNED or self.quarantine is None:
                raise
            return False
        return True


@contextmanager
def upload_batch(store: FileStore, limit: int, quarantine: Quarantine | None = None) -> Iterator[UploadBatch]:
    """Open the reception of the files of one form; what was not said to `keep()` is deleted at the end, as
    best we can.
    """
    opened = UploadBatch(store, limit, quarantine)
    try:
        yield opened
    finally:
        opened.discard()


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
