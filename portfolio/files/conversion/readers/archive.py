"""A ZIP: its list, and the files that it holds, taken out within bounds; no name of it is ever a path."""

import io
import zlib
from contextlib import suppress
from zipfile import BadZipFile, ZipFile, ZipInfo

from portfolio.files.conversion.contents import (
    MAX_INNER_BYTES,
    MAX_LISTED,
    MAX_OPENED,
    MAX_TOTAL_BYTES,
    InnerFault,
    InnerFile,
)

# Beside an archive of macOS, of Windows, of Linux: not what a person put in it.
_SYSTEM = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
_CHUNK = 1024 * 1024
_SAYS_UTF8 = 0x800


def read_archive(content: bytes) -> list[InnerFile]:
    """Return the files of an archive, with the content of those that may be opened."""
    with ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_system(entry.filename)]
        files, left, opened = [], MAX_TOTAL_BYTES, 0
        for entry in entries[:MAX_LISTED]:
            name = file_name(entry)
            fault = _fault(entry, left, opened)
            taken = b"" if fault else _taken(archive, entry, min(left, MAX_INNER_BYTES))
            if not fault and len(taken) != entry.file_size:
                fault, taken = InnerFault.NOT_SHOWN, b""
            left, opened = left - len(taken), opened + bool(taken)
            files.append(InnerFile(name, taken, fault, entry.file_size))
    return files


def file_name(entry: ZipInfo) -> str:
    """Return the name of an entry to show, in whatever alphabet its program wrote it."""
    name = entry.filename
    if not entry.flag_bits & _SAYS_UTF8 and not name.isascii():
        with suppress(UnicodeEncodeError):
            name = _decoded(name.encode("cp437"))
    return name.replace("\\", "/").lstrip("/")


def _decoded(name: bytes) -> str:
    """Return a name: in UTF-8 as Macs write it without saying so, in the alphabet of Windows or of DOS."""
    with suppress(UnicodeDecodeError):
        return name.decode("utf-8")
    of_dos = any(0x80 <= byte < 0xA0 for byte in name)
    return name.decode("cp850" if of_dos else "cp1252", "replace")


def _is_system(name: str) -> bool:
    return any(system_name in name for system_name in _SYSTEM)


def _fault(entry: ZipInfo, left: int, opened: int) -> InnerFault | None:
    if entry.flag_bits & 1:
        return InnerFault.PASSWORD
    if entry.file_size > min(left, MAX_INNER_BYTES):
        return InnerFault.TOO_LARGE
    return InnerFault.TOO_MANY if opened >= MAX_OPENED else None


def _taken(archive: ZipFile, entry: ZipInfo, most: int) -> bytes:
    taken = bytearray()
    try:
        with archive.open(entry) as part:
            while len(taken) <= most and (piece := part.read(_CHUNK)):
                taken += piece
    except (BadZipFile, zlib.error, EOFError, ValueError, NotImplementedError, RuntimeError, OSError):
        return b""
    return bytes(taken) if len(taken) <= most else b""
