"""PDF: what its photographs and its metadata tell of a place is written over, packed or not; nothing
moves.
"""

from __future__ import annotations

import base64
import io
import re
import zlib
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean, apply_edits, sorted_edits
from portfolio.files.metadata_removal.byte_reader import ByteReader
from portfolio.files.metadata_removal.exif_xmp import exif_and_xmp_edits, find_all

# A photograph may be compressed once more, or all of the file be behind a key.
_STREAM = re.compile(rb"stream\r?\n")
_LOCKED = re.compile(rb"/Encrypt\s{0,9}(?:\d+ \d+ R|<<)")
_PICTURE = re.compile(rb"/(?:DCTDecode|DCT)\b")
_COMPRESSED = re.compile(rb"/(?:FlateDecode|Fl)\b")
_ASCII85 = re.compile(rb"/(?:ASCII85Decode|A85)\b")
_OTHERWISE = re.compile(rb"/(?:ASCIIHexDecode|LZWDecode|RunLengthDecode|AHx|LZW|RL)\b")
_MOST_UNPACKED, _STEP = 128 << 20, 1 << 20


def pdf_edits(file: ByteReader) -> Iterator[ByteEdit]:
    """Answer what to write over in a PDF; raises CannotClean when a picture is where it cannot be looked
    at.
    """
    if any(find_all(file, _LOCKED)) and any(find_all(file, _PICTURE)):
        raise CannotClean
    yield from exif_and_xmp_edits(file)
    for _, start in find_all(file, _STREAM):
        yield from _unpacked(file, start)


def _unpacked(file: ByteReader, start: int) -> Iterator[ByteEdit]:
    """Look into a stream that is packed: a photograph packed once more, or metadata."""
    before = file.at(max(0, start - 1024), min(1024, start))
    about = before[before.rfind(b" obj") + 1 :]
    if not (_PICTURE.search(about) or b"/Metadata" in about):
        return
    ways = [
        way
        for way, named in (("deflate", _COMPRESSED), ("a85", _ASCII85), ("other", _OTHERWISE))
        if named.search(about)
    ]
    if not ways:
        return
    if ways not in (["deflate"], ["a85"]):
        raise CannotClean
    unpack, pack = (_inflated, _deflated) if ways == ["deflate"] else (_from_ascii, _to_ascii)
    content, length = unpack(file, start)
    cuts = sorted_edits(exif_and_xmp_edits(ByteReader(io.BytesIO(content), len(content))), len(content))
    if cuts:
        yield ByteEdit(start, start + length, pack(b"".join(apply_edits(io.BytesIO(content), cuts)), length))


def _inflated(file: ByteReader, start: int) -> tuple[bytes, int]:
    """Return what a stream unpacks to, as far as it does, and how long it is; raises CannotClean."""
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


def _from_ascii(file: ByteReader, start: int) -> tuple[bytes, int]:
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
