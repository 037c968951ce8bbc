"""Read the duration of a recording from its container, in whole seconds; None where it is absent."""

from __future__ import annotations

import math
import struct
from typing import BinaryIO

# A longer one is a mistake of its container.
_LONGEST = 48 * 3600
_TAIL = 128 * 1024
_OPUS_RATE = 48_000


def whole_seconds(units: float, rate: float) -> int | None:
    """Return a length in seconds, rounded up; None when the container gives none that is sensible."""
    if rate <= 0 or units <= 0 or not math.isfinite(units / rate) or units / rate > _LONGEST:
        return None
    return math.ceil(units / rate)


def iso_seconds(header: bytes) -> int | None:
    """Return how long a film or a sound of MP4 plays, from the first bytes of its movie header (mvhd)."""
    if len(header) < 32:
        return None
    if header[0] == 1:
        scale, length = struct.unpack_from(">IQ", header, 20)
    else:
        scale, length = struct.unpack_from(">II", header, 12)
    unknown = 0xFFFFFFFF if header[0] == 0 else 0xFFFFFFFFFFFFFFFF
    return None if length == unknown else whole_seconds(length, scale)


def ogg_seconds(content: BinaryIO, size: int, beginning: bytes) -> int | None:
    """Return how long an Ogg plays, from the beginning of its first packet and the position that its last
    page tells.
    """
    rate, skipped = 0, 0
    if beginning.startswith(b"\x01vorbis") and len(beginning) >= 16:
        (rate,) = struct.unpack_from("<I", beginning, 12)
    elif beginning.startswith(b"OpusHead") and len(beginning) >= 12:
        rate, (skipped,) = _OPUS_RATE, struct.unpack_from("<H", beginning, 10)
    content.seek(max(0, size - _TAIL))
    tail = content.read(_TAIL)
    at = tail.rfind(b"OggS")
    if at < 0 or len(tail) < at + 14:
        return None
    (position,) = struct.unpack_from("<q", tail, at + 6)
    return whole_seconds(position - skipped, rate)


def webm_seconds(head: bytes) -> int | None:
    """Return how long a WebM plays, from its first bytes: a browser that records writes no length."""
    at = head.find(b"\x15\x49\xa9\x66")  # the element Info
    found = head.find(b"\x44\x89", at) if at >= 0 else -1
    if found < 0 or len(head) < found + 11:
        return None
    width = head[found + 2] & 0x7F
    if width not in (4, 8):
        return None
    (length,) = struct.unpack_from(">f" if width == 4 else ">d", head, found + 3)
    scale = head.find(b"\x2a\xd7\xb1", at)
    nanoseconds = 1_000_000
    if 0 <= scale < len(head) - 12 and 1 <= (count := head[scale + 3] & 0x7F) <= 8:
        nanoseconds = int.from_bytes(head[scale + 4 : scale + 4 + count], "big")
    return whole_seconds(length * nanoseconds, 1_000_000_000)
