"""E-mails: what came with one is unpacked, looked into and packed again; the words stay as they are."""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean
from portfolio.files.metadata_removal.byte_reader import HEAD, MOST_HELD, ByteReader, EmbeddedHandler

_PACKED = re.compile(rb"content-transfer-encoding[ \t]*:[ \t]*base64", re.IGNORECASE)
_BASE64 = re.compile(rb"[A-Za-z0-9+/]+={0,2}[ \t]*\r?\n?")
_LONGEST_LINE, _COLUMNS = 1 << 16, 57  # bytes that make a line of 76 letters (RFC 2045)
_MOST = MOST_HELD * 78 // _COLUMNS


def eml_edits(file: ByteReader, inside: EmbeddedHandler) -> Iterator[ByteEdit]:
    """Answer what is packed otherwise; raises CannotClean when something too heavy came with the letter."""
    file.content.seek(0)
    place, packed = 0, False
    while line := file.content.readline(_LONGEST_LINE):
        place += len(line)
        packed = packed or _PACKED.match(line) is not None
        if not packed or line.strip():
            continue
        packed = False
        body, after = _body(file, place)
        if cut := _cut(place, body, inside):
            yield cut
        place = after


def _body(file: ByteReader, place: int) -> tuple[list[bytes], int]:
    """Return the lines of something packed, and where they end; the file is then read from there."""
    lines, end = [], place
    while line := file.content.readline(_LONGEST_LINE):
        if not _BASE64.fullmatch(line):
            break
        end += len(line)
        if end - place > _MOST:
            raise CannotClean
        lines.append(line)
    file.content.seek(end)
    return lines, end


def _cut(place: int, lines: list[bytes], inside: EmbeddedHandler) -> ByteEdit | None:
    if not lines or not inside.wants(_unpacked(lines[:1])[:HEAD]):
        return None
    clean = inside.cleaned(_unpacked(lines))
    if clean is None:
        return None
    end = b"\r\n" if lines[0].endswith(b"\r\n") else b"\n"
    pieces = (clean[start : start + _COLUMNS] for start in range(0, len(clean), _COLUMNS))
    packed = b"".join(binascii.b2a_base64(piece, newline=False) + end for piece in pieces)
    return ByteEdit(place, place + sum(map(len, lines)), packed)


def _unpacked(lines: list[bytes]) -> bytes:
    text = b"".join(b"".join(lines).split())
    try:
        return binascii.a2b_base64(text[: len(text) // 4 * 4])
    except binascii.Error as error:
        raise CannotClean from error
