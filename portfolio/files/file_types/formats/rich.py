"""Rich text: its last brace is there, and nothing that it holds would run.

Fields and links that ask another program for data (DDE) when a document is opened, in text and XML.
"""

import html
import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from portfolio.files.file_types.formats.compound import SIGNATURE, refuse_active_streams
from portfolio.files.file_types.formats.programs import holds_program, names_program
from portfolio.files.file_types.types import DetectedFile, FileRejected, FileType, RejectionReason

# The beginning of a field of Word: « DDE » may be a word of any other one.
_FIELD = re.compile(r"^[\s\"\\]*DDE(?:AUTO)?(?![A-Za-z0-9])", re.IGNORECASE | re.MULTILINE)
# A field that writes its letters by their numbers, to hide them.
_QUOTED = re.compile(r"QUOTE((?:[\s\"]+\d{1,3})+)", re.IGNORECASE)
_IN_WORD = re.compile(
    r"<(?:\w+:)?(fldChar)\b[^>]*>|<(?:\w+:)?instrText\b[^>]*>([^<]*)<|<(?:\w+:)?fldSimple\b[^>]*?instr\s*=\s*[\"']([^\"'>]*)"
)
_IN_EXCEL = re.compile(
    r"<(?:\w+:)?ddeLink\b|<(?:\w+:)?(?:f|definedName)\b[^>]*>[^<]*?(?:\b[A-Za-z][\w.]*\|\s*(?:'|&apos;|&#39;)|\bDDE\s*\()",
    re.IGNORECASE,
)
# None of these, no link: sheets of figures are large.
_EXCEL_SIGNS = ("ddeLink", "|", "DDE", "dde", "Dde")
_IN_OPENDOCUMENT = re.compile(
    r"<(?:\w+:)?(?:dde-connection|dde-connection-decl|dde-link|dde-source)\b|formula\s*=\s*\"[^\"]*\bDDE\s*\(",
    re.IGNORECASE,
)


def is_dde_field(instruction: str) -> bool:
    """Return whether the instructions of fields, one a line, ask another program for data."""
    if _FIELD.search(instruction):
        return True
    return any("DDE" in _spelled(found[1]).upper() for found in _QUOTED.finditer(instruction))


def refuse_word_fields(xml: str) -> None:
    """Read a part of a Word document; raise FileRejected (DDE)."""
    if "instrText" not in xml and "fldSimple" not in xml:
        return
    instructions = [
        "\n" if mark else html.unescape(text or f"\n{simple}\n") for mark, text, simple in _IN_WORD.findall(xml)
    ]
    if is_dde_field("".join(instructions)):
        raise FileRejected(RejectionReason.DDE)


def refuse_excel_links(xml: str) -> None:
    """Read a part of an Excel workbook; raise FileRejected (DDE)."""
    if any(sign in xml for sign in _EXCEL_SIGNS) and _IN_EXCEL.search(xml):
        raise FileRejected(RejectionReason.DDE)


def refuse_opendocument_links(xml: str) -> None:
    """Read the content of a LibreOffice document; raise FileRejected (DDE)."""
    if _IN_OPENDOCUMENT.search(xml):
        raise FileRejected(RejectionReason.DDE)


def _spelled(numbers: str) -> str:
    return "".join(chr(int(number)) for number in re.findall(r"\d+", numbers))


# Larger ones hold pictures in hexadecimal: what runs is looked for as far as this.
_MOST = 200_000_000
_OBJECT = re.compile(rb"\\objdata(?![a-z])", re.IGNORECASE)
_RTF_FIELD = re.compile(rb"\\fldinst(?![a-z])", re.IGNORECASE)
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
    if any(is_dde_field(_decoded_text(group)) for group in _groups(text, _RTF_FIELD, _LONGEST_FIELD)):
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
        refuse_active_streams(io.BytesIO(held[at:]))
