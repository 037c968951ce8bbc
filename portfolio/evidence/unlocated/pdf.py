"""PDF: what its photographs and its metadata tell of a place is written over where it stands; nothing moves."""

from __future__ import annotations

import base64
import io
import re
import zlib
from collections.abc import Iterator

from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, in_order
from portfolio.evidence.unlocated.exif import tells_place
from portfolio.evidence.unlocated.reading import Bytes

# A photograph lies in a PDF as its camera wrote it, its Exif at its head; XMP is text.
_EXIF = re.compile(rb"\xff\xe1..Exif\0\0(?:II\*\0|MM\0\*)", re.DOTALL)
_XMP = re.compile(
    rb"exif:GPS\w{1,40}\s{0,9}=\s{0,9}(?:\"([^\"]{1,400})\"|'([^']{1,400})')|<exif:GPS\w{1,40}[^<>]{0,200}>([^<]{1,400})<"
)
# Unless it is compressed once more, or all of the file is behind a key.
_STREAM = re.compile(rb"stream\r?\n")
_LOCKED = re.compile(rb"/Encrypt\s{0,9}(?:\d+ \d+ R|<<)")
_PICTURE = re.compile(rb"/(?:DCTDecode|DCT)\b")
_COMPRESSED = re.compile(rb"/(?:FlateDecode|Fl)\b")
_ASCII85 = re.compile(rb"/(?:ASCII85Decode|A85)\b")
_OTHERWISE = re.compile(rb"/(?:ASCIIHexDecode|LZWDecode|RunLengthDecode|AHx|LZW|RL)\b")
_PIECE, _OVERLAP = 8 << 20, 4096
_MOST_UNPACKED, _STEP = 128 << 20, 1 << 20
_EMPTY = b"II*\0\x08\0\0\0"


def pdf_cuts(file: Bytes) -> Iterator[Cut]:
    """Answer what to write over in a PDF; raises CannotClean when a picture is where it cannot be looked at."""
    if any(_found(file, _LOCKED)) and any(_found(file, _PICTURE)):
        raise CannotClean
    yield from _told(file)
    for _, start in _found(file, _STREAM):
        yield from _unpacked(file, start)


def _told(file: Bytes) -> Iterator[Cut]:
    for start, _ in _found(file, _EXIF):
        (length,) = file.numbers(start + 2, ">H")
        block, end = start + 10, min(start + 2 + length, file.size)
        if end - block > len(_EMPTY) and tells_place(file.at(block, end - block)):
            yield Cut(block, block + len(_EMPTY), _EMPTY)
            yield Cut(block + len(_EMPTY), end, None)
    for start, end in _found(file, _XMP):
        said = _XMP.fullmatch(file.at(start, end - start))
        assert said is not None
        inside = next(span for span in (said.span(1), said.span(2), said.span(3)) if span[0] >= 0)
        if file.at(start, end - start)[slice(*inside)].strip():
            yield Cut(start + inside[0], start + inside[1], b" " * (inside[1] - inside[0]))


def _unpacked(file: Bytes, start: int) -> Iterator[Cut]:
    """Look into a stream that is packed: a photograph packed once more, or metadata."""
    before = file.at(max(0, start - 1024), min(1024, start))
    about = before[before.rfind(b" obj") + 1 :]
    if not (_PICTURE.search(about) or b"/Metadata" in about):
        return
    ways = [way for way, named in (("deflate", _COMPRESSED), ("a85", _ASCII85), ("other", _OTHERWISE)) if named.search(about)]
    if not ways:
        return
    if ways not in (["deflate"], ["a85"]):
        raise CannotClean
    unpack, pack = (_inflated, _deflated) if ways == ["deflate"] else (_from_ascii, _to_ascii)
    content, length = unpack(file, start)
    cuts = in_order(_told(Bytes(io.BytesIO(content), len(content))), len(content))
    if cuts:
        yield Cut(start, start + length, pack(b"".join(copied(io.BytesIO(content), cuts)), length))


def _inflated(file: Bytes, start: int) -> tuple[bytes, int]:
    """Answer what a stream unpacks to, as far as it does, and how long it is; raises CannotClean."""
    unpacking, content, place = zlib.decompressobj(), bytearray(), start
    try:
        while not unpacking.eof and place < file.size:
            piece = file.at(place, min(_STEP, file.size - place))
            place += len(piece)
            content += unpacking.decompress(piece, _MOST_UNPACKED - len(content) + 1)
            if len(content) > _MOST_UNPACKED:
                raise CannotClean
    except zlib.error:  # nobody reads further than this
        return bytes(content), 0
    return bytes(content), place - start - len(unpacking.unused_data)


def _deflated(content: bytes, length: int) -> bytes:
    """Pack the content in exactly so many bytes; raises CannotClean when it does not go in."""
    packed = zlib.compress(content, 9)
    if len(packed) > length:
        raise CannotClean
    return packed + bytes(length - len(packed))


def _from_ascii(file: Bytes, start: int) -> tuple[bytes, int]:
    text = bytearray()
    while (end := text.find(b"~>")) < 0:
        place = start + len(text)
        if place >= file.size or len(text) > _MOST_UNPACKED:
            raise CannotClean
        text += file.at(place, min(_STEP, file.size - place))
    try:
        return base64.a85decode(text[:end], ignorechars=b" \t\n\r\v\f\0"), end
    except ValueError:
        return b"", 0


def _to_ascii(content: bytes, length: int) -> bytes:
    packed = base64.a85encode(content)
    if len(packed) > length:
        raise CannotClean
    return packed + b"\n" * (length - len(packed))


def _found(file: Bytes, wanted: re.Pattern[bytes]) -> Iterator[tuple[int, int]]:
    """Answer where this stands in a file, read piece by piece; nothing that is wanted is longer than the overlap."""
    place = told = 0
    while place < file.size:
        count = min(_PIECE + _OVERLAP, file.size - place)
        for one in wanted.finditer(file.at(place, count)):
            if place + one.start() >= told:
                told = place + one.end()
                yield place + one.start(), told
        place += _PIECE
