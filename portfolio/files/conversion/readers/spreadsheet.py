"""A workbook as tables, one sheet after the other, by python-calamine: values as they are, without their
layout.
"""

from __future__ import annotations

import datetime
import io

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from portfolio.files.conversion.document import Document
from portfolio.files.conversion.readers.tables import MAX_COLUMNS, MAX_ROWS, add_values

_MAX_SHEETS = 60


def read_workbook(content: bytes) -> Document:
    """Return the sheets of a workbook that a person sees."""
    document = Document(landscape=True)
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    visible = [
        sheet_metadata.name
        for sheet_metadata in book.sheets_metadata
        if sheet_metadata.visible == SheetVisibleEnum.Visible
    ]
    shown = rows_shown = rows_in_all = 0
    for name in visible[:_MAX_SHEETS]:
        sheet = _sheet(book, name)
        rows = sheet.to_python(skip_empty_area=True, nrows=MAX_ROWS) if sheet is not None else []
        if sheet is None or not rows:
            continue
        if shown:
            document.page_break()
        shown += 1
        first_row, first_column = sheet.start or (0, 0)
        width = max(len(row) for row in rows)
        document.sheets.append((name, first_row + len(rows), min(first_column + width, MAX_COLUMNS)))
        document.heading(3, name)
        rows_shown, rows_in_all = rows_shown + min(sheet.height, MAX_ROWS), rows_in_all + sheet.height
        add_values(document, ([_shown(cell) for cell in row[:MAX_COLUMNS]] for row in rows))
    if rows_in_all > rows_shown:
        document.is_cut, document.rows = True, (rows_shown, rows_in_all)
    return document


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet | None:
    """Return a sheet of cells; None of one of charts, or one that is damaged, which does not hide the
    others.
    """
    try:
        return book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        return None


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == datetime.time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    return str(value)
