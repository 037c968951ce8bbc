"""PNG and WebP: the pieces that make the picture stay, the others go."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean, edited_size
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.exif_orientation import orientation_only

_PNG = b"\x89PNG\r\n\x1a\n"
_PNG_ALLOWED = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"hIST", b"pHYs", b"sPLT", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_WEBP_ALLOWED = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_HAS_EXIF, _HAS_XMP = 0x08, 0x04


def png_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to cut of a PNG; raises CannotClean."""
    if file.at(0, 8) != _PNG:
        raise CannotClean
    place, name = 8, b""
    while name != b"IEND":
        length, name = file.numbers(place, ">I4s")
        end = place + 12 + length
        if end > file.size:
            raise CannotClean
        if name not in _PNG_ALLOWED:
            upright = orientation_only(file.at(place + 8, length)) if name == b"eXIf" else None
            yield ByteEdit(place, end, _png_piece(b"eXIf", upright) if upright else b"")
        place = end
    if place < file.size:
        yield ByteEdit(place, file.size)


def webp_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to cut of a WebP; raises CannotClean."""
    riff, length, webp = file.numbers(0, "<4sI4s")
    whole = 8 + length
    if riff != b"RIFF" or webp != b"WEBP" or whole > file.size:
        raise CannotClean
    cuts, flags, upright, place = [], None, False, 12
    while place + 8 <= whole:
        name, length = file.numbers(place, "<4sI")
        end = min(place + 8 + length + length % 2, whole)
        if place + 8 + length > whole:
            raise CannotClean
        if name == b"VP8X":
            flags = place + 8
        if name not in _WEBP_ALLOWED:
            block = (
                orientation_only(file.at(place + 8, length).removeprefix(b"Exif\0\0"))
                if name == b"EXIF"
                else None
            )
            upright = upright or block is not None
            cuts.append(
                ByteEdit(place, end, b"EXIF" + struct.pack("<I", len(block)) + block if block else b"")
            )
        place = end
    if not cuts and whole == file.size:
        return
    inside = edited_size(whole, cuts) - 8
    yield ByteEdit(4, 8, struct.pack("<I", inside))
    if flags is not None:
        flags_left = file.at(flags, 1)[0] & ~_HAS_XMP
        yield ByteEdit(flags, flags + 1, bytes([flags_left if upright else flags_left & ~_HAS_EXIF]))
    yield from cuts
    if whole < file.size:
        yield ByteEdit(whole, file.size)


def _png_piece(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
