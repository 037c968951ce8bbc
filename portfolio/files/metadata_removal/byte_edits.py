"""What is taken away from a file, or written over, so that it no longer says where it was taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.files.storage.store import CHUNK_BYTES


class CannotClean(Exception):  # noqa: N818 - said to a person, not a fault
    """The file is not made as its format says: what it tells cannot be found for sure."""


@dataclass(frozen=True, order=True, slots=True)
class ByteEdit:
    """From one byte of the file to another: what stands there instead; None for as many zeros, so that nothing moves."""

    start: int
    end: int
    instead: bytes | None = b""

    @property
    def growth(self) -> int:
        """By how many bytes the copy is longer."""
        return 0 if self.instead is None else len(self.instead) - (self.end - self.start)


def sorted_edits(cuts: Iterable[ByteEdit], size: int) -> list[ByteEdit]:
    """Answer the cuts in the order of the file; raises CannotClean when they overlap or leave it."""
    found, place = sorted(cuts, key=lambda one: (one.start, one.end)), 0
    for one in found:
        if not place <= one.start <= one.end <= size:
            raise CannotClean
        place = one.end
    return found


def edits_to_json(cuts: Sequence[ByteEdit]) -> bytes:
    """Write cuts down, as they are kept."""
    return json.dumps([[one.start, one.end, None if one.instead is None else one.instead.hex()] for one in cuts]).encode()


def edits_from_json(kept: bytes, size: int) -> list[ByteEdit]:
    """Read cuts of a file of this size in bytes; raises ValueError for anything that `written` would not write."""
    try:
        cuts = [_read(*one) for one in list(json.loads(kept))]
        return sorted_edits(cuts, size)
    except (TypeError, LookupError, CannotClean) as error:
        raise ValueError("not cuts of this file") from error


def _read(start: int, end: int, instead: str | None) -> ByteEdit:
    return ByteEdit(int(start), int(end), None if instead is None else bytes.fromhex(instead))


def edited_size(size: int, cuts: Iterable[ByteEdit]) -> int:
    """Answer the size in bytes of the copy of a file of this size."""
    return size + sum(one.growth for one in cuts)


def apply_edits(content: BinaryIO, cuts: Iterable[ByteEdit]) -> Iterator[bytes]:
    """Answer the copy, piece by piece; the content is read once, from its beginning."""
    place = 0
    for one in cuts:
        yield from _pieces(content, one.start - place)
        for piece in _pieces(content, one.end - one.start):
            if one.instead is None:
                yield bytes(len(piece))
        if one.instead:
            yield one.instead
        place = one.end
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _pieces(content: BinaryIO, count: int) -> Iterator[bytes]:
    while count > 0:
        piece = content.read(min(count, CHUNK_BYTES))
        if not piece:
            return
        count -= len(piece)
        yield piece
