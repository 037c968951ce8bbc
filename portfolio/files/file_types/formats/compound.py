"""Office documents before 2007, Outlook messages, documents behind a password: a small file system in a
file.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO

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
        self.tables = [
            table for table in struct.unpack_from(f"<{_TABLES_IN_HEADER}I", header, 76) if table < _END
        ]
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
