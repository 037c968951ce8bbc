"""Overwrite the location data of Exif and XMP in place; no byte moves."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.exif_orientation import has_gps, orientation_only

# A photograph lies in a document as its camera wrote it, its Exif at its head; XMP is text.
_EXIF = re.compile(rb"\xff\xe1..Exif\0\0(?:II\*\0|MM\0\*)", re.DOTALL)
# Each begins with a few fixed bytes, which are looked for thirty times faster than an expression that may
# begin with any.
_EXIF_OF_PNG = re.compile(rb"eXIf(?:II\*\0|MM\0\*)")
_XMP_NAME = re.compile(rb"exif:GPS")
_XMP_ATTRIBUTE = re.compile(rb"exif:GPS\w{1,40}\s{0,9}=\s{0,9}(?:\"([^\"]{1,400})\"|'([^']{1,400})')")
_XMP_ELEMENT = re.compile(rb"<exif:GPS\w{1,40}[^<>]{0,200}>([^<]{1,400})<")
_PIECE, _OVERLAP = 8 << 20, 4096
_MAX_EXIF_BYTES = 1 << 20
_EMPTY = b"II*\0\x08\0\0\0"


def exif_and_xmp_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in the photographs that lie whole in a file, and in its metadata."""
    for start, _ in find_all(file, _EXIF):
        (length,) = file.numbers(start + 2, ">H")
        yield from _emptied(
            start + 10, *_remaining_block(file, start + 10, min(start + 2 + length, file.size))
        )
    for name, _ in find_all(file, _EXIF_OF_PNG):
        yield from _png_chunk_edits(file, name)
    for expression in (_XMP_ATTRIBUTE, _XMP_ELEMENT) if any(find_all(file, _XMP_NAME)) else ():
        for start, end in find_all(file, expression):
            yield from _blanked(file, start, end, expression)


def _png_chunk_edits(file: ByteReader, name: int) -> Iterator[ByteEdit]:
    """Answer what to write over in an Exif chunk of a PNG: `name` is where its name is, after its length (4
    bytes).
    """
    if name < 4:
        return
    (length,) = file.numbers(name - 4, ">I")
    end = name + 4 + length
    if length > _MAX_EXIF_BYTES or end + 4 > file.size:
        return  # a word that looks like one
    remaining, size = _remaining_block(file, name + 4, end)
    if size:
        yield from _emptied(name + 4, remaining, size)
        yield ByteEdit(end, end + 4, struct.pack(">I", zlib.crc32(b"eXIf" + remaining.ljust(size, b"\0"))))


def _blanked(file: ByteReader, start: int, end: int, expression: re.Pattern[bytes]) -> Iterator[ByteEdit]:
    """Answer the blanks that stand in the place of a value of XMP."""
    found = expression.fullmatch(file.at(start, end - start))
    assert found is not None
    assert found.lastindex is not None
    first, last = found.span(found.lastindex)
    if found[found.lastindex].strip():
        yield ByteEdit(start + first, start + last, b" " * (last - first))


def _remaining_block(file: ByteReader, start: int, end: int) -> tuple[bytes, int]:
    """Answer what an Exif block that tells a place keeps, which way up its picture is, and its size; 0 when
    it tells none.
    """
    size = end - start
    block = file.at(start, size) if size > len(_EMPTY) else b""
    if not block or not has_gps(block):
        return b"", 0
    remaining = orientation_only(block) or _EMPTY
    return remaining if len(remaining) <= size else _EMPTY, size


def _emptied(start: int, remaining: bytes, size: int) -> Iterator[ByteEdit]:
    if size:
        yield ByteEdit(start, start + len(remaining), remaining)
        yield ByteEdit(start + len(remaining), start + size, None)


def find_all(file: ByteReader, wanted: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Answer where this stands in a file, read piece by piece; nothing that is wanted may be longer than 4
    KB.
    """
    place = past = 0
    while place < file.size:
        count = min(_PIECE + _OVERLAP, file.size - place)
        for match in wanted.finditer(file.at(place, count)):
            if place + match.start() >= past:
                past = place + match.end()
                yield place + match.start(), past
        place += _PIECE
