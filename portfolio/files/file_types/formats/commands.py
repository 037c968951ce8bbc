"""Fields and links that ask another program for data (DDE) when a document is opened, in text and XML."""

from __future__ import annotations

import html
import re

from portfolio.files.file_types.types import FileRejected, RejectionReason

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
        "\n" if mark else html.unescape(text or f"\n{simple}\n")
        for mark, text, simple in _IN_WORD.findall(xml)
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
