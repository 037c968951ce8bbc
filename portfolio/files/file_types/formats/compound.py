"""Office documents before 2007, Outlook messages, documents behind a password: a small file system in a
file, which olefile reads.

Find active content in Word, Excel and PowerPoint files of before 2007, and in embedded objects.
"""

import io
import re
import struct
import zlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import BinaryIO

import olefile

from portfolio.files.file_types.formats.programs import names_program, pieces_of, refuse_programs
from portfolio.files.file_types.formats.sealed import is_sealed
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

SIGNATURE = olefile.MAGIC
_BEGINNING = 512
_MAIN: Mapping[str, FileType] = {
    "WordDocument": FileType.DOC,
    "Workbook": FileType.XLS,
    "Book": FileType.XLS,
    "PowerPoint Document": FileType.PPT,
    "__properties_version1.0": FileType.MSG,
}
_BEHIND_PASSWORD = {"EncryptedPackage", "EncryptedSummary"}
_MACROS = {"Macros", "_VBA_PROJECT_CUR"}
# The lock of the rights of an organisation: in an old document, and in the place of a new one.
_OLD_RIGHTS, _RIGHTS = "\x09DRMContent", "DRMEncryptedDataSpace"
# Slides of before 2007 behind a password ([MS-PPT] 2.3.2): where they say so, and what they say.
_USER, _TOKEN_AT, _ENCRYPTED = "Current User", 12, 0xF3D1C4DF
_OTHERS: Mapping[str, str] = {
    "Quill": "Publisher",
    "VisioDocument": "Visio",
    "MatOST": "Works",
    "StarWriterDocument": "StarOffice",
    "StarCalcDocument": "StarOffice",
    "StarDrawDocument3": "StarOffice",
    "HwpSummaryInformation": "Hangul",
}
# The class of a message, and the first file attached to it.
_CLASS_OF_MESSAGE, _ATTACHED = "__substg1.0_001A001F", "__substg1.0_37010102"
# What olefile raises on broken files.
_BROKEN = (OSError, struct.error, LookupError, UnicodeError, TypeError, ValueError, AttributeError, RecursionError)


def validate_compound(content: BinaryIO) -> DetectedFile:
    """Return the document or message; raises FileRejected: PASSWORD, LOCKED, MACROS, OTHER_OFFICE, DAMAGED."""
    try:
        with olefile.OleFileIO(content) as file:
            names = {entry.name for entry in file.root.kids}
            main = next((name for name in _MAIN if name in names), None)
            stream = file.openstream(main).read() if main else b""
            is_whole = not main or len(stream) >= file.get_size(main)
            is_locked = _is_locked(file)
            user = file.openstream(_USER).read(_TOKEN_AT + 4) if _USER in names else b""
    except _BROKEN as error:
        raise FileRejected(RejectionReason.DAMAGED) from error
    if is_locked:
        raise FileRejected(RejectionReason.LOCKED)
    if names & _BEHIND_PASSWORD or user[_TOKEN_AT:] == struct.pack("<I", _ENCRYPTED):
        raise FileRejected(RejectionReason.PASSWORD)
    if main is None:
        program = next((_OTHERS[name] for name in _OTHERS if name in names), None)
        raise FileRejected(RejectionReason.OTHER_OFFICE, {"program": program} if program else {})
    kind = _MAIN[main]
    if not is_whole:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    if _needs_password(kind, stream[:_BEGINNING]):
        raise FileRejected(RejectionReason.PASSWORD, {"kind": kind})
    if names & _MACROS:
        raise FileRejected(RejectionReason.MACROS)
    return DetectedFile(kind)


def _is_locked(file: olefile.OleFileIO) -> bool:
    """Return whether a document or a message is for the holders of a right or of a certificate."""
    paths = file.listdir()
    if any(path[-1] in (_OLD_RIGHTS, _RIGHTS) for path in paths):
        return True
    if [_CLASS_OF_MESSAGE] not in paths:
        return False
    kind = file.openstream(_CLASS_OF_MESSAGE).read(_BEGINNING).decode("utf-16-le", "replace").rstrip("\0")
    attached = next((path for path in paths if path[-1] == _ATTACHED), None)
    return (
        kind.upper() == "IPM.NOTE.SMIME"
        and attached is not None
        and is_sealed(file.openstream(attached).read(_BEGINNING))
    )


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
_DEEPEST = 3
_MOST_UNPACKED = 100_000_000
_DDE_8 = re.compile(rb"\x13[ \t\"]*DDE(?:AUTO)?[ \t\"\\]", re.IGNORECASE)
_DDE_16 = re.compile(rb"\x13\0(?:[ \t\"]\0)*D\0D\0E\0(?:A\0U\0T\0O\0)?[ \t\"\\]\0", re.IGNORECASE)
# Records of Excel ([MS-XLS]) and of PowerPoint ([MS-PPT]).
_SUPBOOK, _EXTERNSHEET, _BOUNDSHEET = 0x01AE, 0x0017, 0x0085
_MACRO_SHEETS = (1, 6)
_VBA_INFO, _OLE_OBJECT = 0x0400, 0x1011
_CONTAINER = 0x0F


def refuse_active_streams(content: BinaryIO, depth: int = 1) -> None:
    """Read every stream of a compound file; raise FileRejected: MACROS, EMBEDDED_PROGRAM, DDE."""
    content.seek(0)
    refuse_programs(pieces_of(content))
    # What cannot be read by its own tables is not run by them either.
    with suppress(*_BROKEN), olefile.OleFileIO(content) as file:
        if any(_LEGACY_MACROS.intersection(path) for path in file.listdir(storages=True)):
            raise FileRejected(RejectionReason.MACROS)
        for path in file.listdir():
            with suppress(*_BROKEN):
                _refuse_stream(path[-1], file.openstream(path).read(), depth)


def _refuse_stream(name: str, held: bytes, depth: int) -> None:
    refuse_programs([held])
    # A file that Windows carries as an object, when its name would have it run.
    if name == _PACKAGE and names_program(held):
        raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
    if name == "WordDocument" and (_DDE_8.search(held) or _DDE_16.search(held)):
        raise FileRejected(RejectionReason.DDE)
    if name in ("Workbook", "Book"):
        _refuse_links(held)
    if name == "PowerPoint Document":
        _refuse_slides(held, depth)


def _refuse_links(book: bytes) -> None:
    """Refuse a workbook that asks another program for data, or that holds a sheet of macros."""
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
                refuse_active_streams(io.BytesIO(held), depth + 1)


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
