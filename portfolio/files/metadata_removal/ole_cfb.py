"""Office documents before 2007 and Outlook messages: what they hold lies in streams, and is written over
where it stands.
"""

from __future__ import annotations

import re
import struct
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate

from portfolio.files.file_types.formats.compound import CompoundFile
from portfolio.files.file_types.types import FileRejected
from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import HEAD, MOST_HELD, ByteReader, EmbeddedHandler
from portfolio.files.metadata_removal.exif_xmp import exif_and_xmp_edits, find_all

_PLACE = re.compile(rb"Exif\0\0|eXIf|GPS|PK\x03\x04")
_BOOKS = ("Workbook", "Book")
# The records of a workbook that hold its pictures, and their sequels ([MS-XLS] 2.4.171, 2.4.58).
_PICTURES, _SEQUEL = 0x00EB, 0x003C
# What would be shorter without its places is written over as a photograph is, wherever it lies.
_SHORTENED = (b"\xff\xd8\xff", b"\x89PNG", b"RIFF", b"ID3", b"OggS", b"\x1aE\xdf\xa3")


class Stream(ByteReader):
    """Bytes that lie in several places of a file, one after the other: its runs, as places and lengths."""

    def __init__(self, file: ByteReader, runs: Sequence[tuple[int, int]]) -> None:
        """Read these runs of a file, or of another stream."""
        self._file, self._runs = file, runs
        self._ends = list(accumulate(length for _, length in runs))
        super().__init__(file.content, self._ends[-1] if runs else 0)

    def at(self, start: int, count: int) -> bytes:
        """Answer exactly so many bytes; raises CannotClean."""
        if start < 0 or count < 0 or start + count > self.size:
            raise CannotClean
        return b"".join(self._file.at(place, length) for place, length in self.places(start, count))

    def places(self, start: int, count: int) -> Iterator[tuple[int, int]]:
        """Answer where so many bytes lie in the file."""
        number = bisect_right(self._ends, start)
        while count > 0:
            place, length = self._runs[number]
            skipped = start - (self._ends[number] - length)
            taken = min(count, length - skipped)
            yield place + skipped, taken
            start, count, number = start + taken, count - taken, number + 1

    def cut(self, byte_edit: ByteEdit) -> Iterator[ByteEdit]:
        """Answer what a cut of the stream is in the file; raises CannotClean when it would move what
        follows.
        """
        if byte_edit.size_delta:
            raise CannotClean
        done = 0
        for place, length in self.places(byte_edit.start, byte_edit.end - byte_edit.start):
            yield ByteEdit(
                place,
                place + length,
                None if byte_edit.replacement is None else byte_edit.replacement[done : done + length],
            )
            done += length


def compound_edits(file: ByteReader, inside: EmbeddedHandler) -> Sequence[ByteEdit]:
    """Return what to write over; raises CannotClean for what cannot be cleaned where it stands.

    A document whose own tables are damaged is given as it is when nothing in it looks like a place, or acts
    by itself.
    """
    try:
        return list(_edits(file, inside))
    except (CannotClean, FileRejected, struct.error, IndexError) as error:
        if inside.acts or any(find_all(file, _PLACE)):
            raise CannotClean from error
        return []


def _edits(file: ByteReader, inside: EmbeddedHandler) -> Iterator[ByteEdit]:
    for name, runs in CompoundFile(file.content, file.size).streams():
        stream = Stream(file, _joined(runs))
        for byte_edit in _of_workbook(stream) if name in _BOOKS else _found(stream, inside):
            yield from stream.cut(byte_edit)


def _of_workbook(stream: Stream) -> Iterator[ByteEdit]:
    """A picture of a workbook lies in many records, one after the other."""
    drawn = Stream(stream, list(_records(stream)))
    for edit in exif_and_xmp_edits(drawn):
        yield from drawn.cut(edit)


def _found(stream: Stream, inside: EmbeddedHandler) -> Iterator[ByteEdit]:
    head = stream.at(0, min(HEAD, stream.size))
    if inside.wants(head) and not head.startswith(_SHORTENED):
        if stream.size > MOST_HELD:
            raise CannotClean
        yield from inside.edits(stream.at(0, stream.size))
    else:
        yield from exif_and_xmp_edits(stream)


def _joined(runs: Iterator[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for place, length in runs:
        if joined and sum(joined[-1]) == place:
            joined[-1] = (joined[-1][0], joined[-1][1] + length)
        else:
            joined.append((place, length))
    return joined


def _records(stream: Stream) -> Iterator[tuple[int, int]]:
    place, of_pictures = 0, False
    while place + 4 <= stream.size:
        kind, length = stream.numbers(place, "<2H")
        of_pictures = kind == _PICTURES or (kind == _SEQUEL and of_pictures)
        if of_pictures and length:
            yield place + 4, min(length, stream.size - place - 4)
        place += 4 + length
