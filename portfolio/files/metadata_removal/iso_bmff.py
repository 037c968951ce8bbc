"""HEIC, AVIF, MP4, MOV, M4A share a container of boxes: what tells a place is written over where it stands;
nothing moves.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.iso_bmff_samples import sample_ranges

# Boxes that make a film, where they may stand; any other one is written over: makers add theirs, with places
# inside.
_FILM = {
    b"": {b"ftyp", b"styp", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix", b"prft", b"emsg", b"pdin"},
    b"moov": {b"mvhd", b"trak", b"mvex", b"iods", b"pssh"},
    b"trak": {b"tkhd", b"edts", b"mdia", b"tref", b"tapt", b"matt", b"clip", b"load", b"txas", b"trgr"},
    b"mdia": {b"mdhd", b"hdlr", b"minf", b"elng"},
    b"moof": {b"mfhd", b"traf", b"pssh"},
}
# Tracks that are neither seen nor heard: positions of the camera, frame after frame.
_METADATA_TRACKS = {b"meta", b"camm", b"gpmd", b"data", b"nrtm", b"priv"}
# Tracks that are read: some cameras write where they fly as subtitles.
_READ_TRACKS = {b"text", b"sbtl", b"subt", b"clcp"}
_OF_A_PLACE = re.compile(rb"\bgps\b|\b(?:lat|lon|long|latitude|longitude)\b\s{0,9}[:=]|\bgeo:", re.IGNORECASE)
_MAX_READ_BYTES = 1 << 20
_FREE = {b"free", b"skip", b"wide"}
_MAX_BOXES = 100_000
_NO_EXIF = struct.pack(">I", 0) + b"II*\0" + struct.pack("<IHI", 8, 0, 0)


@dataclass(frozen=True, slots=True)
class Box:
    """A box: its name, where it starts, where what it holds starts, where it ends."""

    name: bytes
    start: int
    inside: int
    end: int


def film_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in a film or a sound; raises CannotClean."""
    tops = list(boxes(file, 0, file.size))
    if not any(box.name == b"moov" for box in tops):
        raise CannotClean
    fragments = any(box.name == b"moof" for box in tops)
    yield from _inside(file, b"", tops, fragments)
    yield from _tail(file, tops)


def picture_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in a HEIC or an AVIF; raises CannotClean."""
    tops = list(boxes(file, 0, file.size))
    metas = [box for box in tops if box.name == b"meta"]
    if len(metas) != 1:
        raise CannotClean
    yield from _metadata_item_edits(file, metas[0])
    yield from _inside(file, b"", [box for box in tops if box is not metas[0]], fragments=False)
    yield from _tail(file, tops)


def boxes(file: ByteReader, start: int, end: int) -> Iterator[Box]:
    """Answer the boxes that follow each other from one place to another; raises CannotClean."""
    count = 0
    while start + 8 <= end:
        length, name = file.numbers(start, ">I4s")
        inside = start + 8
        if length == 1:
            (length,) = file.numbers(start + 8, ">Q")
            inside = start + 16
        elif length == 0:
            length = end - start
        count += 1
        if start + length > end or start + length < inside or count > _MAX_BOXES:
            raise CannotClean
        yield Box(name, start, inside, start + length)
        start += length


def _inside(file: ByteReader, where: bytes, found: list[Box], fragments: bool) -> Iterator[ByteEdit]:
    for box in found:
        if box.name == b"cmov":  # a compressed list of tracks
            raise CannotClean
        if box.name not in _FILM[where]:
            yield from _emptied(file, box)
        elif box.name == b"trak" and _is_metadata_track(file, box):
            if fragments:  # where its positions stand is told elsewhere, piece by piece
                raise CannotClean
            yield from sample_ranges(file, box, boxes)
            yield from _emptied(file, box)
        elif box.name in _FILM:
            yield from _inside(file, box.name, list(boxes(file, box.inside, box.end)), fragments)


def _is_metadata_track(file: ByteReader, track: Box) -> bool:
    """Return whether a track tells where the camera was, and nothing else that is worth being seen, heard or
    read.
    """
    for media in boxes(file, track.inside, track.end):
        if media.name == b"mdia":
            for box in boxes(file, media.inside, media.end):
                if box.name == b"hdlr":
                    handler = file.at(box.inside + 8, 4)
                    return handler in _METADATA_TRACKS or (
                        handler in _READ_TRACKS and _speaks_of_a_place(file, track)
                    )
    raise CannotClean


def _speaks_of_a_place(file: ByteReader, track: Box) -> bool:
    ranges = sample_ranges(file, track, boxes)
    return any(
        _OF_A_PLACE.search(file.at(byte_edit.start, min(byte_edit.end - byte_edit.start, _MAX_READ_BYTES)))
        for byte_edit in ranges
    )


def _emptied(file: ByteReader, box: Box) -> Iterator[ByteEdit]:
    """Make a box one that players pass over, full of nothing."""
    if box.name not in _FREE:
        yield ByteEdit(box.start + 4, box.start + 8, b"free")
    if _says_something(file, box.inside, box.end):
        yield ByteEdit(box.inside, box.end, None)


def _says_something(file: ByteReader, start: int, end: int) -> bool:
    return any(any(file.at(place, min(65536, end - place))) for place in range(start, end, 65536))


def _tail(file: ByteReader, tops: list[Box]) -> Iterator[ByteEdit]:
    end = tops[-1].end if tops else 0
    if end < file.size:
        yield ByteEdit(end, file.size)


def _metadata_item_edits(file: ByteReader, meta: Box) -> Iterator[ByteEdit]:
    """Write over the Exif and the XMP of a picture, wherever they stand."""
    parts = {box.name: box for box in boxes(file, meta.inside + 4, meta.end)}
    if b"iinf" not in parts:
        return
    metadata = {
        number: kind for number, kind in _items(file, parts[b"iinf"]) if kind in (b"Exif", b"mime", b"uri ")
    }
    if metadata and b"iloc" not in parts:
        raise CannotClean
    for number, start, length in _extents(file, parts[b"iloc"], parts.get(b"idat")) if metadata else ():
        if number in metadata and length:
            head = len(_NO_EXIF) if metadata[number] == b"Exif" and length >= len(_NO_EXIF) else 0
            if head and file.at(start, head) != _NO_EXIF:
                yield ByteEdit(start, start + head, _NO_EXIF)
            if _says_something(file, start + head, start + length):
                yield ByteEdit(start + head, start + length, None)


def _items(file: ByteReader, box: Box) -> Iterator[tuple[int, bytes]]:
    (version,) = file.numbers(box.inside, ">B")
    start = box.inside + (6 if version == 0 else 8)
    for entry in boxes(file, start, box.end):
        if entry.name != b"infe":
            continue
        (version,) = file.numbers(entry.inside, ">B")
        if version not in (2, 3):
            raise CannotClean
        form = ">H" if version == 2 else ">I"
        (number,) = file.numbers(entry.inside + 4, form)
        yield number, file.at(entry.inside + 4 + struct.calcsize(form) + 2, 4)


def _extents(file: ByteReader, box: Box, held: Box | None) -> Iterator[tuple[int, int, int]]:
    """Answer the pieces of each item: its number, where a piece starts, its length."""
    version, sizes, more = file.numbers(box.inside, ">B3xBB")
    if version > 2:
        raise CannotClean
    offset_size, length_size, base_size = sizes >> 4, sizes & 15, more >> 4
    index_size = more & 15 if version else 0
    place = _Place(file, box.inside + 6)
    for _ in range(place.number(4 if version == 2 else 2)):
        number = place.number(4 if version == 2 else 2)
        method = place.number(2) & 15 if version else 0
        place.number(2)
        base = place.number(base_size)
        for _extent in range(place.number(2)):
            place.number(index_size)
            offset, length = place.number(offset_size), place.number(length_size)
            if method > 1 or (method == 1 and held is None):
                raise CannotClean
            yield number, base + offset + (held.inside if method == 1 and held else 0), length


class _Place:
    """A place that moves on as numbers are read."""

    def __init__(self, file: ByteReader, at: int) -> None:
        self.file, self.at = file, at

    def number(self, size: int) -> int:
        if size not in (0, 1, 2, 4, 8):
            raise CannotClean
        found = int.from_bytes(self.file.at(self.at, size), "big")
        self.at += size
        return found
