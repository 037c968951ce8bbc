"""Office documents before 2007, Outlook messages, documents behind a password: a small file system in a
file.

Find active content in Word, Excel and PowerPoint files of before 2007, and in embedded objects.
"""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.file_types.formats.programs import OVERLAP, names_program, refuse_programs
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

SIGNATURE = bytes.fromhex("d0cf11e0a1b11ae1")
_END = 0xFFFFFFFA  # sector numbers from here on are marks: end of a chain, free, …
_TABLES_IN_HEADER = 109
_ENTRY = 128
_STREAM, _ROOT = 2, 5
_SMALL_STREAM = 4096  # shorter streams lie inside another one
_MAIN: Mapping[str, FileType] = {
    "WordDocument": FileType.DOC,
    "Workbook": FileType.XLS,
    "Book": FileType.XLS,
    "PowerPoint Document": FileType.PPT,
    "__properties_version1.0": FileType.MSG,
}
_BEHIND_PASSWORD = {"EncryptedPackage", "EncryptedSummary"}
_MACROS = {"Macros", "_VBA_PROJECT_CUR"}


@dataclass(frozen=True)
class _Entry:
    name: str
    kind: int
    siblings: tuple[int, int]
    child: int
    start: int
    size: int


def validate_compound(content: BinaryIO, size: int) -> DetectedFile:
    """Return the document or message; raises FileRejected: PASSWORD, MACROS, OTHER_OFFICE, DAMAGED."""
    try:
        file = CompoundFile(content, size)
        entries = {entry.name: entry for entry in file.top_entries()}
        main = next((entries[name] for name in _MAIN if name in entries), None)
        start = file.checked_start(main) if main else b""
    except (struct.error, IndexError) as error:
        raise FileRejected(RejectionReason.DAMAGED) from error
    if entries.keys() & _BEHIND_PASSWORD:
        raise FileRejected(RejectionReason.PASSWORD)
    if main is None:
        raise FileRejected(RejectionReason.OTHER_OFFICE)
    if _needs_password(_MAIN[main.name], start):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": _MAIN[main.name]})
    if entries.keys() & _MACROS:
        raise FileRejected(RejectionReason.MACROS)
    return DetectedFile(_MAIN[main.name])


class CompoundFile:
    """Reads the directory and the chains of sectors, never more than the file can hold ([MS-CFB])."""

    def __init__(self, content: BinaryIO, size: int) -> None:
        """Open a file of this size in bytes; raises FileRejected(DAMAGED), struct.error, IndexError."""
        self.content, self.size = content, size
        header = self._at(0, 512)
        (shift,) = struct.unpack_from("<H", header, 30)
        if shift not in (9, 12):
            raise FileRejected(RejectionReason.DAMAGED)
        self.sector = 1 << shift
        (self.directory,) = struct.unpack_from("<I", header, 48)
        (more_tables,) = struct.unpack_from("<I", header, 68)
        self.tables = [table for table in struct.unpack_from(f"<{_TABLES_IN_HEADER}I", header, 76) if table < _END]
        self._find_more_tables(more_tables)

    def top_entries(self) -> Iterator[_Entry]:
        """Answer the entries under the root, not those of documents embedded in the document."""
        entries = list(self.entries())
        waiting, seen = [entries[0].child], set[int]()
        while waiting:
            number = waiting.pop()
            if number < _END and number not in seen:
                seen.add(number)
                yield entries[number]
                waiting += entries[number].siblings

    def checked_start(self, entry: _Entry) -> bytes:
        """Return the first bytes of a stream once sure that the file holds all of it; nothing for a small
        stream.
        """
        if entry.size < _SMALL_STREAM:
            return b""
        held = sum(1 for number in self._chain(entry.start) if (number + 1) * self.sector < self.size)
        if held * self.sector < entry.size:
            raise FileRejected(RejectionReason.DAMAGED, {"kind": _MAIN[entry.name]})
        return self._sector(entry.start)

    def streams(self) -> Iterator[tuple[str, Iterator[tuple[int, int]]]]:
        """Answer each stream, by its name, and where it lies, piece by piece; the short ones together, by
        that of the root.
        """
        for entry in self.entries():
            if entry.kind == _ROOT or (entry.kind == _STREAM and entry.size >= _SMALL_STREAM):
                yield entry.name, self._pieces(entry)

    def _pieces(self, entry: _Entry) -> Iterator[tuple[int, int]]:
        left = entry.size
        for number in self._chain(entry.start):
            place = (number + 1) * self.sector
            length = min(self.sector, left, self.size - place)
            if length <= 0:
                return
            yield place, length
            left -= length

    def entries(self) -> Iterator[_Entry]:
        """Answer the entries of the directory, those of embedded documents too."""
        for number in self._chain(self.directory):
            block = self._sector(number)
            for at in range(0, self.sector, _ENTRY):
                (length,) = struct.unpack_from("<H", block, at + 64)
                left, right, child = struct.unpack_from("<3I", block, at + 68)
                start, size = struct.unpack_from("<2I", block, at + 116)
                name = block[at : at + max(0, min(length, 64) - 2)].decode("utf-16-le", "replace")
                yield _Entry(name, block[at + 66], (left, right), child, start, size)

    def _find_more_tables(self, number: int) -> None:
        for _ in range(self.size // self.sector):
            if number >= _END:
                return
            *tables, number = struct.unpack(f"<{self.sector // 4}I", self._sector(number))
            self.tables += [table for table in tables if table < _END]

    def _chain(self, number: int) -> Iterator[int]:
        for _ in range(self.size // self.sector + 1):
            if number >= _END:
                return
            yield number
            table, place = divmod(number, self.sector // 4)
            (number,) = struct.unpack("<I", self._at((self.tables[table] + 1) * self.sector + 4 * place, 4))
        raise FileRejected(RejectionReason.DAMAGED)  # a chain longer than the file goes round in circles

    def _sector(self, number: int) -> bytes:
        return self._at((number + 1) * self.sector, self.sector)

    def _at(self, offset: int, count: int) -> bytes:
        self.content.seek(offset)
        return self.content.read(count)


def _needs_password(kind: FileType, start: bytes) -> bool:
    if kind is FileType.DOC and len(start) > 12:
        return bool(struct.unpack_from("<H", start, 10)[0] & 0x0100)  # fEncrypted, [MS-DOC] 2.5.2
    return kind is FileType.XLS and _has_password_record(start)


def _has_password_record(start: bytes) -> bool:
    at = 0
    while at + 4 <= len(start):
        record, length = struct.unpack_from("<HH", start, at)
        if record == 0x002F:  # FilePass, [MS-XLS] 2.4.117
            return True
        at += 4 + length
    return False


# The folders and streams of a program of Office, wherever they lie.
_LEGACY_MACROS = frozenset({"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"})
_PACKAGE = "\x01Ole10Native"
_CHUNK = 1024 * 1024
_DEEPEST = 3
_MOST_UNPACKED = 100_000_000
_DDE_8 = re.compile(rb"\x13[ \t\"]*DDE(?:AUTO)?[ \t\"\\]", re.IGNORECASE)
_DDE_16 = re.compile(rb"\x13\0(?:[ \t\"]\0)*D\0D\0E\0(?:A\0U\0T\0O\0)?[ \t\"\\]\0", re.IGNORECASE)
# Records of Excel ([MS-XLS]) and of PowerPoint ([MS-PPT]).
_SUPBOOK, _EXTERNSHEET, _BOUNDSHEET = 0x01AE, 0x0017, 0x0085
_MACRO_SHEETS = (1, 6)
_VBA_INFO, _OLE_OBJECT = 0x0400, 0x1011
_CONTAINER = 0x0F


def refuse_active_streams(content: BinaryIO, size: int, depth: int = 1) -> None:
    """Read every stream of a compound file; raise FileRejected: MACROS, EMBEDDED_PROGRAM, DDE."""
    refuse_programs(_joined(content, [(0, size)]))
    try:
        _read(content, size, depth)
    except (struct.error, IndexError, UnicodeError):  # what cannot be read by its own tables is not run by them either
        return


def _read(content: BinaryIO, size: int, depth: int) -> None:
    file = CompoundFile(content, size)
    names = {entry.name for entry in file.entries()}
    if names & _LEGACY_MACROS:
        raise FileRejected(RejectionReason.MACROS)
    for name, pieces in file.streams():
        places = list(pieces)
        refuse_programs(_joined(content, places))
        if _PACKAGE in names and name in (_PACKAGE, "Root Entry"):
            _refuse_package(content, places)
        if name == "WordDocument":
            _refuse_fields(content, places)
        if name in ("Workbook", "Book"):
            _refuse_links(content, places)
        if name == "PowerPoint Document":
            _refuse_slides(b"".join(_joined(content, places)), depth)


def _joined(content: BinaryIO, places: list[tuple[int, int]]) -> Iterator[bytes]:
    """Yield a stream in pieces of a megabyte, whatever the sectors in which it lies."""
    joined = bytearray()
    for start, whole in places:
        for place in range(start, start + whole, _CHUNK):
            content.seek(place)
            joined += content.read(min(_CHUNK, start + whole - place))
            if len(joined) >= _CHUNK:
                yield bytes(joined)
                joined.clear()
    if joined:
        yield bytes(joined)


def _refuse_package(content: BinaryIO, places: list[tuple[int, int]]) -> None:
    """Refuse a file that Windows carries as an object, when its name would have it run."""
    before = b""
    for piece in _joined(content, places):
        if names_program(before + piece):
            raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
        before = piece[-OVERLAP:]


def _refuse_fields(content: BinaryIO, places: list[tuple[int, int]]) -> None:
    before = b""
    for piece in _joined(content, places):
        held = before + piece
        if _DDE_8.search(held) or _DDE_16.search(held):
            raise FileRejected(RejectionReason.DDE)
        before = piece[-256:]


def _refuse_links(content: BinaryIO, places: list[tuple[int, int]]) -> None:
    """Refuse a workbook that asks another program for data, or that holds a sheet of macros."""
    book = b"".join(_joined(content, places))
    at = 0
    while at + 4 <= len(book):
        record, length = struct.unpack_from("<HH", book, at)
        data = book[at + 4 : at + 4 + length]
        if record in (_SUPBOOK, _EXTERNSHEET) and _is_dde_link(data):
            raise FileRejected(RejectionReason.DDE)
        if record == _BOUNDSHEET and len(data) > 5 and data[5] in _MACRO_SHEETS:
            raise FileRejected(RejectionReason.MACROS)
        at += 4 + length


def _is_dde_link(data: bytes) -> bool:
    """Return whether a link names a program to ask, before the sign 3; a document is named with a dot:
    Word.Document.8.
    """
    plain = data.replace(b"\0", b"")
    service, sign, _topic = plain[2:].partition(b"\x03")
    return bool(sign) and b"." not in service and re.search(rb"[A-Za-z]", service) is not None


def _refuse_slides(document: bytes, depth: int) -> None:
    for kind, instance, data in _records(document, 0, len(document)):
        if kind == _VBA_INFO and len(data) >= 8 and struct.unpack_from("<I", data, 4)[0]:
            raise FileRejected(RejectionReason.MACROS)
        if kind == _OLE_OBJECT and depth < _DEEPEST:
            held = _unpacked(data) if instance & 1 else data
            refuse_programs([held])
            if held.startswith(SIGNATURE):
                refuse_active_streams(io.BytesIO(held), len(held), depth + 1)


def _records(document: bytes, start: int, end: int, depth: int = 0) -> Iterator[tuple[int, int, bytes]]:
    while start + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", document, start)
        inside, after = start + 8, min(start + 8 + length, end)
        if version & 0x0F == _CONTAINER and depth < 16:
            yield from _records(document, inside, after, depth + 1)
        elif kind in (_VBA_INFO, _OLE_OBJECT):
            yield kind, version >> 4, document[inside:after]
        start = after


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data[4:], _MOST_UNPACKED)
    except zlib.error:
        return b""
