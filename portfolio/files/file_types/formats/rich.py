"""Rich text: its last brace is there, and nothing that it holds would run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.file_types.formats.commands import is_dde_field
from portfolio.files.file_types.formats.compound import SIGNATURE
from portfolio.files.file_types.formats.legacy import refuse_active_streams
from portfolio.files.file_types.formats.programs import holds_program, names_program
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# Larger ones hold pictures in hexadecimal: what runs is looked for as far as this.
_MOST = 200_000_000
_OBJECT = re.compile(rb"\\objdata(?![a-z])", re.IGNORECASE)
_FIELD = re.compile(rb"\\fldinst(?![a-z])", re.IGNORECASE)
_TEMPLATE = re.compile(rb"\\\*\s*\\template\s+[^}]{0,20}?(?:https?:|ftp:|\\\\\\\\)", re.IGNORECASE)
_WORD = re.compile(rb"\\(?:'([0-9a-fA-F]{2})|u(-?\d+) ?\??|bin(\d+) ?|[a-zA-Z]+-?\d* ?|\*|[^a-zA-Z0-9])")
_ASIDE = re.compile(rb"\{\\\*[^{}]*\}")
_LONGEST_FIELD = 20_000


def validate_rtf(content: BinaryIO, size: int) -> DetectedFile:
    """Return the rich text; raise FileRejected: DAMAGED (its last brace is missing), REMOTE_CONTENT, DDE,
    EMBEDDED_PROGRAM, MACROS.
    """
    content.seek(max(0, size - 4096))
    if not content.read().rstrip(b"\0\r\n\t \x1a").endswith(b"}"):
        raise FileRejected(RejectionReason.DAMAGED, {"kind": FileType.RTF})
    content.seek(0)
    text = content.read(_MOST)
    if _TEMPLATE.search(text):
        raise FileRejected(RejectionReason.REMOTE_CONTENT)
    if holds_program(text):  # objects may also be written as they are
        raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
    if any(is_dde_field(_decoded_text(group)) for group in _groups(text, _FIELD, _LONGEST_FIELD)):
        raise FileRejected(RejectionReason.DDE)
    for group in _groups(text, _OBJECT, _MOST):
        _refuse_object(_decoded(group))
        if b"{" in group:  # a group of its own may hide digits that are not of the object
            _refuse_object(_decoded(_ASIDE.sub(b"", group)))
    return DetectedFile(FileType.RTF)


def _groups(text: bytes, mark: re.Pattern[bytes], most: int) -> Iterator[bytes]:
    """Yield what follows each mark up to the brace that closes its group."""
    for found in mark.finditer(text):
        depth, at = 1, found.end()
        for brace in re.finditer(rb"\\[{}\\]|[{}]", text[at : at + most]):
            depth += {b"{": 1, b"}": -1}.get(brace[0], 0)
            if not depth:
                yield text[at : at + brace.start()]
                break
        else:
            yield text[at : at + most]


def _decoded_text(group: bytes) -> str:
    """Return the words of a group, without its commands; what is written by numbers is written out."""

    def written(found: re.Match[bytes]) -> bytes:
        if found[1]:
            return bytes([int(found[1], 16)])
        if found[2]:
            return chr(int(found[2]) % 65536).encode("utf-8", "ignore")
        return b""

    plain = _WORD.sub(written, group).replace(b"{", b"").replace(b"}", b"")
    return re.sub(r"[\r\n]", "", plain.decode("cp1252", "replace"))


def _decoded(group: bytes) -> bytes:
    """Return the bytes that a group writes in hexadecimal, whatever commands and groups are strewn in it."""
    digits = re.sub(rb"[^0-9a-fA-F]", b"", _WORD.sub(b"", group))
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _refuse_object(held: bytes) -> None:
    if holds_program(held) or (b"package" in held[:200].lower() and names_program(held)):
        raise FileRejected(RejectionReason.EMBEDDED_PROGRAM)
    at = held.find(SIGNATURE)
    if at >= 0:
        inner = held[at:]
        refuse_active_streams(io.BytesIO(inner), len(inner))
