"""JPEG: every marker segment that does not make the picture goes, and whatever follows its end."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.exif_orientation import orientation_only

_SOI, _EOI, _SOS, _APP0, _APP1, _COMMENT = 0xD8, 0xD9, 0xDA, 0xE0, 0xE1, 0xFE
_ALONE = {0x01, *range(0xD0, 0xD8)}
# Colours and the way components are stored: a picture looks wrong without them.
_ALLOWED_SEGMENTS = {0xE0: b"JFIF\0", 0xE2: b"ICC_PROFILE\0", 0xEE: b"Adobe"}
_EXIF = b"Exif\0\0"
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_CHUNK = 1 << 20


def jpeg_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to cut; raises CannotClean."""
    if file.at(0, 2) != bytes((0xFF, _SOI)):
        raise CannotClean
    place = 2
    while True:
        place, marker = _marker_at(file, place)
        if marker == _EOI:
            yield from _rest(file, place)
            return
        if marker in _ALONE:
            continue
        (length,) = file.numbers(place, ">H")
        end = place + length
        if length < 2 or end > file.size:
            raise CannotClean
        if _APP0 <= marker < _APP0 + 16 or marker == _COMMENT:
            yield from _segment_edits(file, marker, place, end)
        place = _after_scan(file, end) if marker == _SOS else end


def _marker_at(file: ByteReader, place: int) -> tuple[int, int]:
    """Return the place after the next marker, and the marker; it may be preceded by any number of 0xFF."""
    if file.at(place, 1) != b"\xff":
        raise CannotClean
    while (marker := file.at(place, 1)[0]) == 0xFF:
        place += 1
    return place + 1, marker


def _segment_edits(file: ByteReader, marker: int, place: int, end: int) -> Iterator[ByteEdit]:
    head = file.at(place + 2, min(end - place - 2, 14))
    wanted = _ALLOWED_SEGMENTS.get(marker)
    if wanted is not None and head.startswith(wanted):
        return
    upright = (
        orientation_only(file.at(place + 8, end - place - 8))
        if marker == _APP1 and head.startswith(_EXIF)
        else None
    )
    segment = (
        struct.pack(">HH", 0xFF00 + _APP1, 2 + len(_EXIF + upright)) + _EXIF + upright if upright else b""
    )
    if segment != file.at(place - 2, end - place + 2):
        yield ByteEdit(place - 2, end, segment)


def _after_scan(file: ByteReader, place: int) -> int:
    while place < file.size:
        count = min(_CHUNK, file.size - place)
        if found := _MARKER.search(file.at(place, count)):
            return place + found.start()
        place += max(1, count - 1)  # a marker may lie across two pieces
    raise CannotClean


def _rest(file: ByteReader, place: int) -> Iterator[ByteEdit]:
    if place < file.size:  # a second picture, a little film, what a maker adds: none of it is the photograph
        yield ByteEdit(place, file.size)
