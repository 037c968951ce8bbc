"""The XML of an export as a stream of bytes, plain or inside a zip whose declared sizes are bounded."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import PurePosixPath
from typing import IO, Protocol

from portfolio.domain.certification.rules.import_result import (
    Part,
    PartFinding,
    RejectionReason,
    UnreadableEntry,
)

MAX_DECLARED_BYTES = 2 * 1024**3
ZIP_MARKS = (b"PK\x03\x04", b"PK\x05\x06")
# A damaged table of contents leads to impossible positions (ValueError) and unknown methods
# (NotImplementedError).
ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    OSError,
    ValueError,
    RuntimeError,
)

Progress = Callable[[int, int], None]


class ByteStream(Protocol):
    """The part of a binary file that the XML parser needs."""

    def read(self, size: int = -1, /) -> bytes:
        """Return at most `size` bytes."""


class CountedStream:
    """A stream that counts the bytes read since an entry began, and reports how much of the whole is read."""

    def __init__(
        self, stream: ByteStream, total: int, max_bytes: int, progress: Progress | None = None
    ) -> None:
        self._stream, self._total, self._max, self._progress = stream, total, max_bytes, progress
        self._done = self._since = 0

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes; raise UnreadableEntry when one entry takes more than the bound, or the zip
        is damaged.
        """
        try:
            piece = self._stream.read(size)
        except ZIP_FAULTS as error:
            raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from error
        self._done += len(piece)
        self._since += len(piece)
        if self._since > self._max:
            raise UnreadableEntry(RejectionReason.ENTRY_TOO_LARGE)
        if self._progress:
            self._progress(self._done, self._total)
        return piece

    def begin_entry(self) -> None:
        """Count from here."""
        self._since = 0


def is_zip(head: bytes) -> bool:
    """Return whether bytes begin as a zip does."""
    return head.startswith(ZIP_MARKS)


@contextmanager
def opened_xml(
    file: IO[bytes], size: int, *, max_declared: int = MAX_DECLARED_BYTES
) -> Iterator[tuple[IO[bytes], int]]:
    """Open the XML of a file, in its zip where it is one, with the size that it declares.

    Raise UnreadableEntry when the zip is truncated, locked, declares too much, or holds no XML or several.
    """
    file.seek(0)
    if not is_zip(file.read(4)):
        if size > max_declared:
            raise UnreadableEntry(RejectionReason.ARCHIVE_TOO_LARGE)
        file.seek(0)
        yield file, size
        return
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            member = _xml_member(archive, max_declared)
            stream = opened.enter_context(archive.open(member))
        except ZIP_FAULTS as error:
            raise UnreadableEntry(RejectionReason.ARCHIVE_BROKEN) from error
        yield stream, member.file_size


def _xml_member(archive: zipfile.ZipFile, max_declared: int) -> zipfile.ZipInfo:
    members = archive.infolist()
    if sum(member.file_size for member in members) > max_declared:
        raise UnreadableEntry(RejectionReason.ARCHIVE_TOO_LARGE)
    found = [member for member in members if member.filename.lower().endswith(".xml") and not member.is_dir()]
    if len(found) != 1:
        names = ", ".join(PurePosixPath(member.filename).name for member in found[:5])
        raise UnreadableEntry(
            RejectionReason.ARCHIVE_SEVERAL, [PartFinding(Part.FILES, (str(len(found)), names))]
        )
    member = found[0]
    if member.flag_bits & 0x1:
        raise UnreadableEntry(RejectionReason.ARCHIVE_LOCKED)
    return member


def holds_xml(file: IO[bytes]) -> bool:
    """Return whether a zip holds XML and is no office document; of a damaged zip, whether its first file is
    XML.
    """
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
    except ZIP_FAULTS:
        names = [_first_name(file)]
    is_office = any(name in ("[Content_Types].xml", "mimetype") for name in names)
    return not is_office and any(name.lower().endswith(".xml") for name in names)


def _first_name(file: IO[bytes]) -> str:
    """Return the name written at the head of a zip, whose length stands in bytes 26 and 27."""
    file.seek(0)
    head = file.read(1024)
    return head[30 : 30 + int.from_bytes(head[26:28], "little")].decode("utf-8", "replace")
