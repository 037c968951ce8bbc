"""Drawings of Windows (EMF, WMF), and those of the web kept zipped (SVGZ)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.file_types.formats.gzip_stream import gunzip
from portfolio.files.file_types.formats.markup import open_markup
from portfolio.files.file_types.formats.programs import refuse_programs
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# What a zipped drawing may hold: far more than one that a person drew.
MAX_DRAWING = 20_000_000
_CHUNK = 1024 * 1024
_GZIP = b"\x1f\x8b\x08"
_PLACEABLE = b"\xd7\xcd\xc6\x9a"
# Kept in a file or in memory, a header of nine words, a version of Windows.
_STANDARD = (b"\x01\0\x09\0\0\x03", b"\x01\0\x09\0\0\x01", b"\x02\0\x09\0\0\x03")
_EMF_SIGN, _EMF_SIGN_AT = b" EMF", 40


def open_drawing(content: BinaryIO, head: bytes) -> DetectedFile | None:
    """Return the drawing of Windows that begins so; raise FileRejected: DAMAGED (cut before its end),
    EMBEDDED_PROGRAM.
    """
    if head.startswith(b"\x01\0\0\0") and head[_EMF_SIGN_AT : _EMF_SIGN_AT + 4] == _EMF_SIGN:
        kind, announced = FileType.EMF, struct.unpack_from("<I", head, _EMF_SIGN_AT + 8)[0]
    elif head.startswith((_PLACEABLE, *_STANDARD)):
        before = 22 if head.startswith(_PLACEABLE) else 0
        if len(head) < before + 18:
            raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.WMF})
        kind, announced = FileType.WMF, 2 * struct.unpack_from("<I", head, before + 6)[0]
    else:
        return None
    if content.seek(0, 2) < announced:
        raise FileRejected(RejectionReason.DAMAGED, {"kind": kind})
    refuse_programs(_pieces(content))
    return DetectedFile(kind)


def _pieces(content: BinaryIO) -> Iterator[bytes]:
    content.seek(0)
    while piece := content.read(_CHUNK):
        yield piece


def open_zipped_drawing(content: BinaryIO, head: bytes) -> DetectedFile | None:
    """Return the drawing of the web that is zipped; raise FileRejected: ACTIVE_DRAWING (it would run or
    fetch), DECOMPRESSION_BOMB.

    None of what else is zipped: an archive.
    """
    if not head.startswith(_GZIP):
        return None
    content.seek(0)
    drawn = gunzip(content.read(MAX_DRAWING), MAX_DRAWING + 1)
    text = drawn.decode("utf-8", "replace")
    if "<svg" not in text[:4000] and ":svg" not in text[:4000]:
        return None
    if len(drawn) > MAX_DRAWING:
        raise FileRejected(RejectionReason.DECOMPRESSION_BOMB, {"limit": MAX_DRAWING})
    found = open_markup(text.lstrip("\ufeff"))
    return DetectedFile(FileType.SVGZ) if found.kind is FileType.SVG else None


def unzipped(content: bytes) -> bytes:
    """Return what a drawing holds, as far as a drawing may; nothing of what is not zipped."""
    return gunzip(content, MAX_DRAWING)
