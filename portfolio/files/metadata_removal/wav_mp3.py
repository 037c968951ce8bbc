"""WAV and MP3: labels, titles, pictures and notes beside the sound are emptied where they stand."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

_OF_WAV = {b"fmt ", b"data", b"fact"}
_NOTHING = b"JUNK"
_UNKNOWN_LENGTH = (0, 0xFFFFFFFF)
_HAS_FOOTER, _HAS_HEADER = 0x10, 0x80000000
_PIECE = 65536


def wav_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in a WAV; raises CannotClean."""
    if (file.at(0, 4), file.at(8, 4)) != (b"RIFF", b"WAVE"):
        raise CannotClean
    place = 12
    while place + 8 <= file.size:
        name, length = file.numbers(place, "<4sI")
        if name == b"data" and length in _UNKNOWN_LENGTH:  # recorded in one go: all the rest is sound
            return
        end = min(place + 8 + length, file.size)
        if name not in _OF_WAV:
            yield from _over(file, place, place + 4, _NOTHING)
            yield from _nothing(file, place + 8, end)
        place += 8 + length + length % 2
    if place < file.size:
        yield ByteEdit(place, file.size)


def mp3_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over before the sound, and what to cut after it; raises CannotClean."""
    start, end = 0, file.size
    while start + 10 <= file.size and file.at(start, 3) == b"ID3":
        flags, *sizes = file.at(start + 5, 5)
        after = start + 10 + sum((byte & 0x7F) << 7 * (3 - number) for number, byte in enumerate(sizes))
        yield from _over(file, start + 3, start + 6, b"\x03\0\0")
        after += 10 if flags & _HAS_FOOTER else 0
        yield from _nothing(file, start + 10, min(after, file.size))
        start = after
    while (before := _before_label(file, end)) != end:
        if before < start:
            raise CannotClean
        end = before
    if end < file.size:
        yield ByteEdit(end, file.size)


def _before_label(file: ByteReader, end: int) -> int:
    """Return where a label that ends here begins: ID3v1, APE, Lyrics3; the same place when there is none."""
    if end >= 128 and file.at(end - 128, 3) == b"TAG":
        return end - 128
    if end >= 32 and file.at(end - 32, 8) == b"APETAGEX":
        length, _count, flags = struct.unpack("<3I", file.at(end - 20, 12))
        return end - int(length) - (32 if flags & _HAS_HEADER else 0)
    if end >= 15 and file.at(end - 9, 9) == b"LYRICS200" and (digits := file.at(end - 15, 6)).isdigit():
        return end - 15 - int(digits)
    return end


def _over(file: ByteReader, start: int, end: int, instead: bytes) -> Iterator[ByteEdit]:
    if file.at(start, end - start) != instead:
        yield ByteEdit(start, end, instead)


def _nothing(file: ByteReader, start: int, end: int) -> Iterator[ByteEdit]:
    if any(any(file.at(place, min(_PIECE, end - place))) for place in range(start, end, _PIECE)):
        yield ByteEdit(start, end, None)
