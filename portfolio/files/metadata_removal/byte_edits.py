"""Byte edits that remove or overwrite the location metadata of a file."""

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
    """From one byte of the file to another: what stands there instead; None for as many zeros, so that
    nothing moves.
    """

    start: int
    end: int
    replacement: bytes | None = b""

    @property
    def size_delta(self) -> int:
        """By how many bytes the copy is longer."""
        return 0 if self.replacement is None else len(self.replacement) - (self.end - self.start)


def sorted_edits(cuts: Iterable[ByteEdit], size: int) -> list[ByteEdit]:
    """Answer the cuts in the order of the file; raises CannotClean when they overlap or leave it."""
    found, place = sorted(cuts, key=lambda edit: (edit.start, edit.end)), 0
    for byte_edit in found:
        if not place <= byte_edit.start <= byte_edit.end <= size:
            raise CannotClean
        place = byte_edit.end
    return found


def edits_to_json(cuts: Sequence[ByteEdit]) -> bytes:
    """Write cuts down, as they are kept."""
    return json.dumps(
        [[cut.start, cut.end, None if cut.replacement is None else cut.replacement.hex()] for cut in cuts]
    ).encode()


def edits_from_json(stored: bytes, size: int) -> list[ByteEdit]:
    """Read cuts of a file of this size in bytes; raises ValueError for anything that `written` would not
    write.
    """
    try:
        cuts = [_read(*load) for load in list(json.loads(stored))]
        return sorted_edits(cuts, size)
    except (TypeError, LookupError, CannotClean) as error:
        raise ValueError("not cuts of this file") from error


def _read(start: int, end: int, instead: str | None) -> ByteEdit:
    return ByteEdit(int(start), int(end), None if instead is None else bytes.fromhex(instead))


def edited_size(size: int, cuts: Iterable[ByteEdit]) -> int:
    """Answer the size in bytes of the copy of a file of this size."""
    return size + sum(cut.size_delta for cut in cuts)


def apply_edits(content: BinaryIO, cuts: Iterable[ByteEdit]) -> Iterator[bytes]:
    """Answer the copy, piece by piece; the content is read once, from its beginning."""
    place = 0
    for cut in cuts:
        yield from _pieces(content, cut.start - place)
        for piece in _pieces(content, cut.end - cut.start):
            if cut.replacement is None:
                yield bytes(len(piece))
        if cut.replacement:
            yield cut.replacement
        place = cut.end
    while chunk := content.read(CHUNK_BYTES):
        yield chunk


def _pieces(content: BinaryIO, count: int) -> Iterator[bytes]:
    while count > 0:
        piece = content.read(min(count, CHUNK_BYTES))
        if not piece:
            return
        count -= len(piece)
        yield piece
