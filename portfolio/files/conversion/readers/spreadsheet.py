"""A workbook as tables, one sheet after the other, by python-calamine: values as they are, without their layout.

Tables, broken into parts that fit the width of a page: the first column is repeated in each part.
"""

import csv
import datetime
import io
from collections.abc import Iterable, Sequence

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from portfolio.files.conversion.document import BOLD, Document, Run, Runs

# Characters across a page: upright, and on its side.
UPRIGHT, SIDEWAYS = 85, 150
_NARROWEST, _LONGEST_WORD, _WIDEST = 4, 16, 34
MAX_ROWS = 5_000
MAX_COLUMNS = 120
# What one cell shows: a cell taller than a page cannot be read in a table.
_MAX_CELL = 1_500


def add_table(document: Document, rows: Sequence[Sequence[Runs]], *, header: bool, sideways: bool = False) -> None:
    """Add a table to a document, in as many parts as its width needs."""
    kept = _rectangle(rows)
    if not kept:
        return
    if len(kept) > MAX_ROWS:
        document.is_cut, kept = True, kept[:MAX_ROWS]
    widths = [_width(row[column] for row in kept) for column in range(len(kept[0]))]
    for columns in _bands(widths, SIDEWAYS if sideways else UPRIGHT):
        document.table(
            [[_shortened(row[column]) for column in columns] for row in kept],
            [widths[column] for column in columns],
            header=header,
        )


def add_values(document: Document, rows: Iterable[Sequence[str]], *, sideways: bool = True) -> None:
    """Add a table of plain values; its first row that is full is its header."""
    listed = [list(row) for row in rows]
    while listed and not any(cell.strip() for cell in listed[-1]):
        listed.pop()
    if not listed:
        return
    filled = sum(1 for cell in listed[0] if cell.strip())
    header = len(listed) > 2 and filled > 1 and filled >= max(len(row) for row in listed[:50]) - 1
    add_table(
        document, [[[Run(cell)] if cell else [] for cell in row] for row in listed], header=header, sideways=sideways
    )


def read_csv(text: str) -> tuple[list[list[str]], int]:
    """Return the rows of a text with separators, whichever they are, as far as they are shown, and how
    many there are.
    """
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and rest:  # said to Excel, not to a person
        text = rest
    sample = text[:64_000]
    delimiter = max((";", "\t", ",", "|"), key=lambda separator: _regularity(sample, separator))
    csv.field_size_limit(10_000_000)
    rows, count = [], 0
    for row in csv.reader(io.StringIO(text), delimiter=delimiter):
        count += 1
        if count <= MAX_ROWS:
            rows.append(row[:MAX_COLUMNS])
    return rows, count


def _regularity(sample: str, delimiter: str) -> float:
    """Return how much a character looks like the separator: most lines are cut alike, and in several parts."""
    try:
        widths = [len(row) for row in csv.reader(sample.splitlines()[:40], delimiter=delimiter) if row]
    except csv.Error:
        return 0
    several = [width for width in widths if width > 1]
    if not several:
        return 0
    usual = max(set(several), key=several.count)
    return several.count(usual) / len(widths) + min(usual, 10) / 100


def _rectangle(rows: Sequence[Sequence[Runs]]) -> list[list[Runs]]:
    """Return the rows, all of one length, without the columns that are empty to the right."""
    lengths = [
        max((place + 1 for place, cell in enumerate(row) if any(run.text.strip() for run in cell)), default=0)
        for row in rows
    ]
    across = min(max(lengths, default=0), MAX_COLUMNS)
    return [[*row[:across], *[[]] * (across - len(row))] for row in rows] if across else []


def _width(cells: Iterable[Runs]) -> float:
    """Return how wide a column is: most of its cells fit, and the words of the first one are not broken."""
    texts = ["".join(run.text for run in cell) for cell in cells]
    lengths = sorted(max((len(line) for line in text.splitlines()), default=0) for text in texts)
    usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
    first = max((len(word) for word in texts[0].split()), default=0) if texts else 0
    return max(_NARROWEST, min(_LONGEST_WORD, first + 2), min(_WIDEST, usual + 2))


def _bands(widths: Sequence[float], across: float) -> list[list[int]]:
    """Return the columns of each part; from the second one on, the first column comes again."""
    bands: list[list[int]] = [[]]
    taken = 0.0
    for column, width in enumerate(widths):
        if bands[-1] and taken + width > across and len(bands[-1]) > (1 if len(bands) > 1 else 0):
            bands.append([0])
            taken = widths[0]
        bands[-1].append(column)
        taken += width
    return bands


def _shortened(cell: Runs) -> Runs:
    text = "".join(run.text for run in cell)
    if len(text) <= _MAX_CELL:
        return cell
    return [Run(f"{text[:_MAX_CELL]}…", BOLD if cell and BOLD in cell[0].style else "")]


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
        add_values(document, ([shown_value(cell) for cell in row[:MAX_COLUMNS]] for row in rows))
    if rows_in_all > rows_shown:
        document.is_cut, document.rows = True, (rows_shown, rows_in_all)
    return document


def _sheet(book: CalamineWorkbook, name: str) -> CalamineSheet | None:
    """Return a sheet of cells; None of one of charts, or one that is damaged, which does not hide the others."""
    try:
        return book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        return None


def shown_value(value: object) -> str:
    if isinstance(value, bool):
        return "VRAI" if value else "FAUX"
    if isinstance(value, float):
        return f"{value:.10g}".replace(".", ",")
    if isinstance(value, datetime.datetime):
        return f"{value:%d/%m/%Y}" if value.time() == datetime.time() else f"{value:%d/%m/%Y %H:%M}"
    if isinstance(value, datetime.date):
        return f"{value:%d/%m/%Y}"
    return str(value)
