"""Which way up a camera held its picture: the one thing of Exif that a copy keeps."""

from __future__ import annotations

import struct

_ORIENTATION = 0x0112


def upright_only(block: bytes) -> bytes | None:
    """Answer an Exif block (from its byte order) that only tells the orientation of this one; None when it needs none."""
    turn = orientation_of(block)
    if turn in (None, 1):
        return None
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, _ORIENTATION, 3, 1, turn, 0, 0)


def orientation_of(block: bytes) -> int | None:
    """Answer the orientation, 1 to 8, that an Exif block tells; None when it tells none that can be read."""
    order = {b"II": "<", b"MM": ">"}.get(block[:2])
    try:
        if order is None:
            return None
        (first,) = struct.unpack_from(order + "I", block, 4)
        (count,) = struct.unpack_from(order + "H", block, first)
        for place in range(first + 2, first + 2 + 12 * count, 12):
            tag, kind, how_many = struct.unpack_from(order + "HHI", block, place)
            if tag == _ORIENTATION and kind == 3 and how_many == 1:
                (turn,) = struct.unpack_from(order + "H", block, place + 8)
                return turn if 1 <= turn <= 8 else None
    except struct.error:
        return None
    return None
