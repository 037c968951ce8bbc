"""Find active content in Word, Excel and PowerPoint files of before 2007, and in embedded objects."""

from __future__ import annotations

import io
import re
import struct
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.file_types.formats.compound import SIGNATURE, CompoundFile
from portfolio.files.file_types.formats.programs import OVERLAP, names_program, refuse_programs
from portfolio.files.file_types.types import FileRejected, RejectionReason

# The folders and streams of a program of Office, wherever they lie.
_MACROS = frozenset({"_VBA_PROJECT", "_VBA_PROJECT_CUR", "VBA", "Macros"})
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
    except (
        struct.error,
        IndexError,
        UnicodeError,
    ):  # what cannot be read by its own tables is not run by them either
        return


def _read(content: BinaryIO, size: int, depth: int) -> None:
    file = CompoundFile(content, size)
    names = {entry.name for entry in file.entries()}
    if names & _MACROS:
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
