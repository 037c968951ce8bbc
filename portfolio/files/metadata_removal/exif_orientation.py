"""Keep the orientation tag of Exif, the only one that a copy keeps."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_ORIENTATION, _GPS = 0x0112, 0x8825


def orientation_only(block: bytes) -> bytes | None:
    """Answer an Exif block (from its byte order) that only tells the orientation of this one; None when it
    needs none.
    """
    turn = orientation_of(block)
    if turn in (None, 1):
        return None
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)


def orientation_of(block: bytes) -> int | None:
    """Answer the orientation, 1 to 8, that an Exif block tells; None when it tells none that can be read."""
    try:
        for tag, kind, how_many, order, place in _entries(block):
            if tag == _ORIENTATION and kind == 3 and how_many == 1:
                (turn,) = struct.unpack_from(order + "H", block, place + 8)
                return turn if 1 <= turn <= 8 else None
    except struct.error:
        return None
    return None


def has_gps(block: bytes) -> bool:
    """Say whether an Exif block tells a place; one that cannot be read may."""
    try:
        return any(tag == _GPS for tag, *_ in _entries(block))
    except struct.error:
        return True


def _entries(block: bytes) -> Iterator[tuple[int, int, int, str, int]]:
    """Answer the entries of the first list of an Exif block: tag, kind, count, byte order, place; raises
    struct.error.
    """
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    if order is None:
        return
    (first,) = struct.unpack_from(order + "I", block, 4)
    (count,) = struct.unpack_from(order + "H", block, first)
    for place in range(first + 2, first + 2 + 12 * count, 12):
        yield (*struct.unpack_from(order + "HHI", block, place), order, place)
