"""GIF: extensions that do not make the picture or its movement go: remarks, XMP, what a maker adds, and what
follows the end.
"""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

_PICTURE, _EXTENSION, _END = b",", b"!", b";"
_TIMING, _APPLICATION = b"\xf9", b"\xff"
_ALLOWED_APPLICATIONS = {b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"}
_HAS_COLOURS = 0x80


def gif_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to cut of a GIF; raises CannotClean."""
    if file.at(0, 6) not in (b"GIF87a", b"GIF89a"):
        raise CannotClean
    place = 13 + _colours(file, 10)
    while place < file.size:
        mark = file.at(place, 1)
        if mark == _END:
            if place + 1 < file.size:
                yield ByteEdit(place + 1, file.size)
            return
        start = place
        if mark == _PICTURE:
            place = _after_blocks(file, place + 11 + _colours(file, place + 9))
        elif mark == _EXTENSION:
            place = _after_blocks(file, place + 2)
            if not _is_allowed(file, start):
                yield ByteEdit(start, place)
        else:
            raise CannotClean


def _is_allowed(file: ByteReader, start: int) -> bool:
    label = file.at(start + 1, 1)
    return label == _TIMING or (
        label == _APPLICATION
        and file.at(start + 2, 1) == b"\x0b"
        and file.at(start + 3, 11) in _ALLOWED_APPLICATIONS
    )


def _colours(file: ByteReader, place: int) -> int:
    """The length of the table of colours that these flags announce."""
    flags = file.at(place, 1)[0]
    return 3 << (flags & 7) + 1 if flags & _HAS_COLOURS else 0


def _after_blocks(file: ByteReader, place: int) -> int:
    while length := file.at(place, 1)[0]:
        place += 1 + length
    return place + 1
