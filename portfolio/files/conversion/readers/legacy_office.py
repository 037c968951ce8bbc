"""The words of Word and PowerPoint documents of before 2007, for machines without LibreOffice ([MS-DOC],
[MS-PPT]).
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

import olefile

from portfolio.files.conversion.document import Document
from portfolio.files.conversion.readers.text import add_text

# Where the header of a Word document names its table of pieces: fcClx, lcbClx.
_PIECE_TABLE = 0x01A2
_TABLE_1 = 0x0200
_TEXT_CHARS, _TEXT_BYTES, _SLIDE_TEXT = 4000, 4008, 1011
_CONTAINER = 0x0F
_DEEPEST = 32


def read_doc(content: bytes) -> Document:
    """Return the text of a Word document."""
    with olefile.OleFileIO(io.BytesIO(content)) as file:
        main = file.openstream("WordDocument").read()
        (flags,) = struct.unpack_from("<H", main, 10)
        table = file.openstream("1Table" if flags & _TABLE_1 else "0Table").read()
    start, length = struct.unpack_from("<II", main, _PIECE_TABLE)
    document = Document()
    text = "".join(_pieces(main, table[start : start + length]))
    add_text(document, "".join(_visible(text)))
    return document


def read_ppt(content: bytes) -> Document:
    """Return the text of a presentation, slide after slide."""
    with olefile.OleFileIO(io.BytesIO(content)) as file:
        stream = file.openstream("PowerPoint Document").read()
    document = Document(landscape=True)
    for text in _texts(stream, 0, len(stream), 0):
        if text is None:
            document.page_break()
        elif text.strip() and not text.strip().startswith("*"):
            document.paragraph(text.replace("\x0b", "\n").replace("\r", "\n"))
    return document


def _pieces(main: bytes, clx: bytes) -> Iterator[str]:
    at = 0
    while at < len(clx) and clx[at] == 1:  # properties before the table of pieces
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at + 5 > len(clx) or clx[at] != 2:
        return
    (length,) = struct.unpack_from("<I", clx, at + 1)
    table = clx[at + 5 : at + 5 + length]
    count = (len(table) - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", table)
    for number in range(count):
        (where,) = struct.unpack_from("<I", table, 4 * (count + 1) + 8 * number + 2)
        characters = ends[number + 1] - ends[number]
        if where & 0x40000000:
            start = (where & ~0x40000000) // 2
            yield main[start : start + characters].decode("cp1252", "replace")
        else:
            yield main[where : where + 2 * characters].decode("utf-16-le", "replace")


def _visible(text: str) -> Iterator[str]:
    """Yield the characters that a reader sees: of a field its result, not its instructions."""
    instructions = 0
    for character in text:
        if character == "\x13":
            instructions += 1
        elif character in "\x14\x15":
            instructions = max(0, instructions - 1) if character == "\x14" or instructions else 0
        elif not instructions:
            yield {"\r": "\n", "\x07": "\t", "\x0b": "\n", "\x0c": "\n\n"}.get(character, character)


def _texts(stream: bytes, start: int, end: int, depth: int) -> Iterator[str | None]:
    while start + 8 <= end:
        version, kind, length = struct.unpack_from("<HHI", stream, start)
        inside, after = start + 8, min(start + 8 + length, end)
        if kind == _SLIDE_TEXT:
            yield None
        if version & 0x0F == _CONTAINER and depth < _DEEPEST:
            yield from _texts(stream, inside, after, depth + 1)
        elif kind == _TEXT_CHARS:
            yield stream[inside:after].decode("utf-16-le", "replace")
        elif kind == _TEXT_BYTES:
            yield stream[inside:after].decode("latin-1")
        start = after
