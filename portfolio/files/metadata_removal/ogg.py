"""OGG: the remarks of each sound (title, place, picture) are emptied where they stand, and the sums of their
pages made again.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader

# How the first packet of a sound begins, and what its remarks begin with, before the name of a program.
_SOUNDS = {b"\x01vorbis": b"\x03vorbis", b"OpusHead": b"OpusTags", b"Speex   ": b""}
_FIRST, _SUM_AT, _HEAD = 0x02, 22, 27
_MAX_PACKET_BYTES = 16_000_000
_POLYNOMIAL = 0x04C11DB7


@dataclass
class _Sound:
    """One sound: what its remarks begin with, and the pieces of them that were met, each with its page and
    its place.
    """

    mark: bytes
    ended: bool = False
    pieces: list[tuple[int, int, int]] = field(default_factory=list)


def ogg_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in an OGG; raises CannotClean, for a sound whose remarks are written in
    another way too.
    """
    sounds: dict[int, _Sound] = {}
    place = 0
    while place < file.size:
        if file.at(place, 4) != b"OggS":
            raise CannotClean
        kind, serial, count = file.numbers(place, "<5xB8xI8xB")
        lengths = file.at(place + _HEAD, count)
        inside = place + _HEAD + count
        if kind & _FIRST:
            sounds[serial] = _Sound(_mark(file.at(inside, min(8, sum(lengths)))))
        elif serial not in sounds:
            raise CannotClean
        elif not sounds[serial].ended:
            yield from _met(file, sounds[serial], place, inside, lengths)
        place = inside + sum(lengths)
    if not all(sound.ended for sound in sounds.values()):
        raise CannotClean


def _mark(head: bytes) -> bytes:
    for begins, mark in _SOUNDS.items():
        if head.startswith(begins):
            return mark
    raise CannotClean


def _met(file: ByteReader, sound: _Sound, page: int, inside: int, lengths: bytes) -> Iterator[ByteEdit]:
    """Take what a page holds of the remarks, which are the second packet; once they are whole, answer what to
    write over.
    """
    length = next(
        (sum(lengths[: at + 1]) for at, lacing_value in enumerate(lengths) if lacing_value < 255), None
    )
    sound.pieces.append((page, inside, sum(lengths) if length is None else length))
    if sum(piece for *_, piece in sound.pieces) > _MAX_PACKET_BYTES:
        raise CannotClean
    if length is not None:
        sound.ended = True
        yield from _emptied(file, sound)


def _emptied(file: ByteReader, sound: _Sound) -> Iterator[ByteEdit]:
    before = b"".join(file.at(at, length) for _, at, length in sound.pieces)
    after = _without_remarks(before, sound.mark)
    if before == after:
        return
    ends = list(accumulate(length for *_, length in sound.pieces))
    for (page, at, length), end in zip(sound.pieces, ends, strict=True):
        instead = after[end - length : end]
        yield ByteEdit(
            page + _SUM_AT, page + _SUM_AT + 4, struct.pack("<I", _sum(_page(file, page, at, instead)))
        )
        yield ByteEdit(at, at + length, instead)


def _without_remarks(packet: bytes, mark: bytes) -> bytes:
    """Return a packet as long, that names the same program and holds no remark."""
    if not packet.startswith(mark) or len(packet) < len(mark) + 8:
        raise CannotClean
    (length,) = struct.unpack_from("<I", packet, len(mark))
    head = packet[: len(mark) + 4 + length]
    left = len(packet) - len(head) - 4
    if left < (1 if mark == b"\x03vorbis" else 0):
        raise CannotClean
    end = b"\x01" if mark == b"\x03vorbis" else b""
    return head + bytes(4) + end + bytes(left - len(end))


def _page(file: ByteReader, page: int, at: int, instead: bytes) -> bytes:
    """Return a page with this at this place, and no sum."""
    count = file.at(page + 26, 1)[0]
    whole = file.at(page, _HEAD + count + sum(file.at(page + _HEAD, count)))
    return (
        whole[:_SUM_AT]
        + bytes(4)
        + whole[_SUM_AT + 4 : at - page]
        + instead
        + whole[at - page + len(instead) :]
    )


def _sum(page: bytes) -> int:
    """The sum of a page (RFC 3533): a CRC of 32 bits that nothing in the standard library makes."""
    found = 0
    for byte in page:
        found = (found << 8 & 0xFFFFFFFF) ^ _SUMS[found >> 24 ^ byte]
    return found


def _sum_of(number: int) -> int:
    found = number << 24
    for _ in range(8):
        found = (found << 1 ^ (_POLYNOMIAL if found & 0x80000000 else 0)) & 0xFFFFFFFF
    return found


_SUMS = [_sum_of(number) for number in range(256)]
