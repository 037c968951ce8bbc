"""What is taken away from a file, or written over, so that it no longer says where it was taken."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from portfolio.storage.store import CHUNK


class CannotClean(Exception):  # noqa: N818 - said to a person, not a fault
    """The file is not made as its format says: what it tells cannot be found for sure."""


@dataclass(frozen=True, order=True, slots=True)
class Cut:
    """From one byte of the file to another: what stands there instead; None for as many zeros, so that nothing moves."""

    start: int
    end: int
    instead: bytes | None = b""

    @property
    def growth(self) -> int:
        """By how many bytes the copy is longer."""
        return 0 if self.instead is None else len(self.instead) - (self.end - self.start)


def in_order(cuts: Iterable[Cut], size: int) -> list[Cut]:
    """Answer the cuts in the order of the file; raises CannotClean when they overlap or leave it."""
    found, place = sorted(cuts, key=lambda one: (one.start, one.end)), 0
    for one in found:
        if not place <= one.start <= one.end <= size:
            raise CannotClean
        place = one.end
    return found


def written(cuts: Sequence[Cut]) -> bytes:
    """Write cuts down, as they are kept."""
    return json.dumps([[one.start, one.end, None if one.instead is None else one.instead.hex()] for one in cuts]).encode()


def read_cuts(kept: bytes, size: int) -> list[Cut]:
    """Read cuts of a file of this size in bytes; raises ValueError for anything that `written` would not write."""
    try:
        cuts = [_read(*one) for one in list(json.loads(kept))]
        return in_order(cuts, size)
    except (TypeError, LookupError, CannotClean) as error:
        raise ValueError("not cuts of this file") from error


def _read(start: int, end: int, instead: str | None) -> Cut:
    return Cut(int(start), int(end), None if instead is None else bytes.fromhex(instead))


def length_of(size: int, cuts: Iterable[Cut]) -> int:
    """Answer the size in bytes of the copy of a file of this size."""
    return size + sum(one.growth for one in cuts)


def copied(content: BinaryIO, cuts: Iterable[Cut]) -> Iterator[bytes]:
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
    while chunk := content.read(CHUNK):
        yield chunk


def _pieces(content: BinaryIO, count: int) -> Iterator[bytes]:
    while count > 0:
        piece = content.read(min(count, CHUNK))
        if not piece:
            return
        count -= len(piece)
        yield piece
