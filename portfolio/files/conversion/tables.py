"""The cells of a list that a person sends as a spreadsheet: CSV, OpenDocument or Excel.

The file is opened in a limited child, which hands over texts alone; rows, columns and characters are bounded.
"""

import codecs
import csv
import io
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from python_calamine import CalamineWorkbook, SheetVisibleEnum

from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.rules.case_package import plain_cell
from portfolio.domain.certification.rules.registration import RejectionReason
from portfolio.files.conversion.readers.spreadsheet import read_csv, shown_value
from portfolio.files.sandbox.process import as_file_descriptor, sandboxed_output
from portfolio.files.sandbox.walls import READY, apply_limits

MAX_TABLE_BYTES = 5_000_000
MAX_TABLE_ROWS, MAX_TABLE_COLUMNS, MAX_CELL_CHARS = 1_001, 60, 1_000
# The cells together, which a form carries from one page to the next.
MAX_TABLE_CHARS = 250_000
_MAX_ANSWER_BYTES = 6 * MAX_TABLE_CHARS + 100_000
_SECONDS = 10
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffd]")

Cells = tuple[str, ...]


class TableFault(StrEnum):
    """Reasons why a list is not read."""

    EMPTY = "table_empty"
    NOT_A_TABLE = "table_not_a_table"
    TOO_LARGE = "table_too_large"


class NotATable(Exception):  # noqa: N818 - said to a person
    """The file holds no list that is read here; `fault` says why."""

    def __init__(self, fault: TableFault) -> None:
        super().__init__(fault)
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of one sheet as texts, empty ones included so that each keeps its number; the name of the sheet."""

    rows: tuple[Cells, ...]
    sheet: str = ""

    @property
    def text(self) -> str:
        """Return the rows as a spreadsheet copies them: a tab between two cells."""
        written = io.StringIO()
        csv.writer(written, dialect="excel-tab", lineterminator="\n").writerows(self.rows)
        return written.getvalue()


def read_table(content: BinaryIO, size: int) -> Table:
    """Read the first sheet of a file that has rows; raise NotATable."""
    if size > MAX_TABLE_BYTES:
        raise NotATable(TableFault.TOO_LARGE)
    with as_file_descriptor(content) as file, sandboxed_output(__name__, file, _SECONDS) as answer:
        line = answer.line(_MAX_ANSWER_BYTES) if answer.ready else None
    try:
        found = json.loads(line or b"null")
        if isinstance(found, str):
            raise NotATable(TableFault(found))
        return _bounded([tuple(map(str, row)) for row in found["rows"]], str(found["sheet"]))
    except (ValueError, TypeError, KeyError) as error:
        raise NotATable(TableFault.NOT_A_TABLE) from error


def table_of_text(text: str) -> Table:
    """Read rows copied out of a spreadsheet or a CSV, whichever their separator is; raise NotATable."""
    try:
        # What a spreadsheet copies has tabs, and its cells may hold any other separator.
        is_copied = "\t" in text.lstrip("\n").partition("\n")[0]
        rows = list(csv.reader(io.StringIO(text), dialect="excel-tab")) if is_copied else read_csv(text)[0]
    except csv.Error:  # a quotation mark that nothing closes
        rows = [line.split("\t") for line in text.splitlines()]
    return _bounded([tuple(map(_clean, row)) for row in rows])


def _bounded(rows: Sequence[Cells], sheet: str = "") -> Table:
    while rows and not any(rows[-1]):
        rows = rows[:-1]
    if not rows:
        raise NotATable(TableFault.EMPTY)
    table = Table(tuple(rows), sheet)
    if len(rows) > MAX_TABLE_ROWS or max(map(len, rows)) > MAX_TABLE_COLUMNS or len(table.text) > MAX_TABLE_CHARS:
        raise NotATable(TableFault.TOO_LARGE)
    return table


def _clean(cell: str) -> str:
    lines = (" ".join(line.split()) for line in cell.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    return plain_cell(_CONTROLS.sub("", "\n".join(filter(None, lines))))[:MAX_CELL_CHARS]


def main() -> None:
    """In the child: give up everything, say so, then read the file; argument: seconds of processor."""
    for encoding in ("cp1252", "utf-16", "utf-8-sig"):  # nothing is imported behind the walls
        codecs.lookup(encoding)
    apply_limits(cpu_seconds=int(sys.argv[3]))
    os.write(1, READY)
    with open(0, "rb", closefd=False) as content:
        content.seek(0)
        said = memoryview(json.dumps(_said(content.read(MAX_TABLE_BYTES + 1))).encode() + b"\n")
    while said:
        said = said[os.write(1, said) :]
    os._exit(0)


def _said(data: bytes) -> object:
    try:
        sheet, rows = _rows(data)
        found = _bounded([tuple(map(_clean, row)) for row in rows], sheet)
    except NotATable as refused:
        return refused.fault
    except Exception:  # no file may break the reading
        return TableFault.NOT_A_TABLE
    return {"sheet": found.sheet, "rows": found.rows}


def _rows(data: bytes) -> tuple[str, Sequence[Sequence[str]]]:
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise NotATable(TableFault.EMPTY)
    if foreign_format(data) is RejectionReason.IS_OFFICE_FILE:
        return _first_sheet(data)
    text = None if foreign_format(data) else decoded(data)
    if text is None:
        raise NotATable(TableFault.NOT_A_TABLE)
    rows, count = read_csv(text[0])
    if count > MAX_TABLE_ROWS:
        raise NotATable(TableFault.TOO_LARGE)
    return "", rows


def _first_sheet(data: bytes) -> tuple[str, list[list[str]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for named in book.sheets_metadata:
        if named.visible != SheetVisibleEnum.Visible:
            continue
        sheet = book.get_sheet_by_name(named.name)
        rows = sheet.to_python(skip_empty_area=False, nrows=MAX_TABLE_ROWS + 1)
        if any(cell != "" for row in rows for cell in row):
            return named.name, [[shown_value(cell) for cell in row[: MAX_TABLE_COLUMNS + 1]] for row in rows]
    raise NotATable(TableFault.EMPTY)
