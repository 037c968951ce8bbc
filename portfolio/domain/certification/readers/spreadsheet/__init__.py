"""Blocks and competencies from a spreadsheet saved as CSV: one competency a line, « block;competency;assessment »."""

import re
import unicodedata
from dataclasses import replace

from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.readers.spreadsheet.rows import columns_of, delimiter_of, gather, rows_of
from portfolio.domain.certification.readers.suspicions import with_suspicions
from portfolio.domain.certification.rules.case_package import Sheet, SheetFault, SheetFaultCode
from portfolio.domain.certification.rules.entry import Entry

MOST_LINES = 2000
UNREADABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def read_sheet(data: bytes) -> Sheet:
    """Return the blocks of a spreadsheet and every line that cannot be read, by its number; raise nothing.

    UTF-8 with or without its mark, UTF-16 with its mark, else Windows-1252. The separator is found:
    semicolon, tab or comma.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return _refused(SheetFaultCode.EMPTY)
    if foreign := foreign_format(data):
        return _refused(SheetFaultCode.NOT_TEXT, str(foreign))
    text = decoded(data)
    if text is None:
        return _refused(SheetFaultCode.NOT_TEXT)
    return _read(text[0], is_guessed=text[1])


def with_blocks_of(sheet: Sheet, entry: Entry) -> Entry:
    """Return a typed entry with the blocks of a spreadsheet and the doubts about them."""
    filled = with_suspicions(replace(entry, blocks=sheet.blocks, doubts=sheet.doubts))
    return replace(filled, doubts=tuple(doubt for doubt in filled.doubts if doubt.where.startswith("blocks")))


def _refused(code: SheetFaultCode, *facts: str, line: int | None = None) -> Sheet:
    return Sheet((), (SheetFault(code, line, facts),))


def _read(text: str, *, is_guessed: bool) -> Sheet:
    text = unicodedata.normalize("NFC", UNREADABLE.sub("\ufffd", text))
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES + 1:
        return _refused(SheetFaultCode.TOO_MANY_LINES, str(MOST_LINES))
    delimiter, skipped = delimiter_of(lines)
    if delimiter is None:
        return _refused(SheetFaultCode.NO_SEPARATOR)
    rows, faults = rows_of(lines, delimiter, skipped)
    columns, has_heading, heading_fault = columns_of(rows)
    if heading_fault is not None:
        return Sheet((), (*faults, heading_fault), is_guessed)
    blocks, more, doubts = gather(rows[1:] if has_heading else rows, columns)
    found = sorted((*faults, *more), key=lambda fault: fault.line or 0)
    if not blocks and not found:
        return _refused(SheetFaultCode.ONLY_HEADING)
    return Sheet(blocks, tuple(found), is_guessed, columns.ignored, doubts)


__all__ = ["MOST_LINES", "read_sheet", "with_blocks_of"]
