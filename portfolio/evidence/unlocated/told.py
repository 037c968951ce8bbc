"""What photographs and their metadata tell of a place, wherever they lie: written over where it stands; nothing moves."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from portfolio.evidence.unlocated.cut import Cut
from portfolio.evidence.unlocated.exif import tells_place, upright_only
from portfolio.evidence.unlocated.reading import Bytes

# A photograph lies in a document as its camera wrote it, its Exif at its head; XMP is text.
_EXIF = re.compile(rb"\xff\xe1..Exif\0\0(?:II\*\0|MM\0\*)", re.DOTALL)
_EXIF_OF_PNG = re.compile(rb"....eXIf(?:II\*\0|MM\0\*)", re.DOTALL)
_XMP = re.compile(
    rb"exif:GPS\w{1,40}\s{0,9}=\s{0,9}(?:\"([^\"]{1,400})\"|'([^']{1,400})')|<exif:GPS\w{1,40}[^<>]{0,200}>([^<]{1,400})<"
)
_PIECE, _OVERLAP = 8 << 20, 4096
_MOST_EXIF = 1 << 20
_EMPTY = b"II*\0\x08\0\0\0"


def told(file: Bytes) -> Iterator[Cut]:
    """Answer what to write over in the photographs that lie whole in a file, and in its metadata."""
    for start, _ in found(file, _EXIF):
        (length,) = file.numbers(start + 2, ">H")
        yield from _emptied(start + 10, *_kept(file, start + 10, min(start + 2 + length, file.size)))
    for start, _ in found(file, _EXIF_OF_PNG):
        (length,) = file.numbers(start, ">I")
        end = start + 8 + length
        if length > _MOST_EXIF or end + 4 > file.size:
            continue  # a word that looks like one
        kept, size = _kept(file, start + 8, end)
        if size:
            yield from _emptied(start + 8, kept, size)
            yield Cut(end, end + 4, struct.pack(">I", zlib.crc32(b"eXIf" + kept.ljust(size, b"\0"))))
    for start, end in found(file, _XMP):
        said = _XMP.fullmatch(file.at(start, end - start))
        assert said is not None
        inside = next(span for span in (said.span(1), said.span(2), said.span(3)) if span[0] >= 0)
        if file.at(start, end - start)[slice(*inside)].strip():
            yield Cut(start + inside[0], start + inside[1], b" " * (inside[1] - inside[0]))


def _kept(file: Bytes, start: int, end: int) -> tuple[bytes, int]:
    """Answer what an Exif block that tells a place keeps, which way up its picture is, and its size; 0 when it tells none."""
    size = end - start
    block = file.at(start, size) if size > len(_EMPTY) else b""
    if not block or not tells_place(block):
        return b"", 0
    kept = upright_only(block) or _EMPTY
    return kept if len(kept) <= size else _EMPTY, size


def _emptied(start: int, kept: bytes, size: int) -> Iterator[Cut]:
    if size:
        yield Cut(start, start + len(kept), kept)
        yield Cut(start + len(kept), start + size, None)


def found(file: Bytes, wanted: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Answer where this stands in a file, read piece by piece; nothing that is wanted may be longer than 4 KB."""
    place = past = 0
    while place < file.size:
        count = min(_PIECE + _OVERLAP, file.size - place)
        for one in wanted.finditer(file.at(place, count)):
            if place + one.start() >= past:
                past = place + one.end()
                yield place + one.start(), past
        place += _PIECE
