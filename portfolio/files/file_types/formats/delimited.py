"""Recognition of tables with separators (CSV, TSV), or prose, code or a log that has the same signs."""

import csv
import io
import re
from collections import Counter

_DELIMITERS = (";", "\t", ",")
_MAX_ROWS = 2_000
# Above a header, programs write the title of the table, the account, the period: few lines, and short ones.
_MAX_TITLE_ROWS, _LONGEST_TITLE = 12, 200
# Of the rows from the header on: how many are of the same width, how many may have one cell only, how many
# have two cells that are filled. Programs leave out the empty cells at the end of a row.
_SAME_WIDTH, _ONE_CELL, _FILLED = 0.6, 0.2, 0.3
# Some tables end with a total, a date, a note.
_ROWS_AFTER = 2
_ROWS_NEEDED = 3
# With « a, b » or « a ; b », as sentences are written, a table has numbers, or more columns and short cells.
_SPACED_COLUMNS, _LONGEST_SPACED = 3, 40
_WITH_NUMBERS = 0.5
_NUMBER = re.compile(r"[+-]?(?:0x[0-9a-fA-F]+|\d[\d\s.,]*)(?:\s?[%€])?")
_ITEM = re.compile(r"\s*(?:[-–—•*]|\d+[.)])\s")
# Of the rows: from which share on the brackets that are opened in a cell and closed in another one say code.
_OPENED = 0.5
# 10:00:00,123 in a log: the comma of the seconds separates no columns.
_FRACTION_OF_SECOND = re.compile(r"(?<=\d\d:\d\d:\d\d),(?=\d{1,9}\b)")
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))

Row = list[str]


def is_table(text: str, *, is_whole: bool = True) -> bool:
    """Return whether a text, or its beginning, is a table: nearly all rows have as many cells, short titles
    before them, no sentence between them.
    """
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep="):  # what Excel is told by programs that write for it
        return first[4:5] in rest
    lines = text if is_whole else text.rpartition("\n")[0]
    return any(_is_separated(lines, delimiter) for delimiter in _DELIMITERS)


def _is_separated(text: str, delimiter: str) -> bool:
    rows = _rows(text, delimiter)
    width = _usual_width(rows)
    if width < 2:
        return False
    start = next(place for place, row in enumerate(rows) if len(row) == width)
    body = _without_notes(rows[start:], width)
    table = [row for row in body if len(row) == width]
    return (
        _are_titles(rows[:start])
        and (len(table) >= _ROWS_NEEDED or (len(table) == len(rows) == 2))
        and len(table) >= _SAME_WIDTH * len(body)
        and sum(len(row) == 1 for row in body) <= _ONE_CELL * len(body)
        and _has_columns(table, delimiter)
    )


def _rows(text: str, delimiter: str) -> list[Row]:
    """Return the rows that are not empty."""
    if delimiter == ",":
        text = _FRACTION_OF_SECOND.sub(".", text)
    rows: list[Row] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=None), delimiter=delimiter):
            if any(cell.strip() for cell in row):
                rows.append(row)
            if len(rows) == _MAX_ROWS:
                break
    except csv.Error:
        return []
    return rows


def _usual_width(rows: list[Row]) -> int:
    """Return how many cells most rows of several cells have; 0 without such rows."""
    widths = Counter(len(row) for row in rows if len(row) > 1)
    return max(widths, key=lambda width: widths[width], default=0)


def _without_notes(rows: list[Row], width: int) -> list[Row]:
    """Return the rows without the narrower ones with which the table ends."""
    for _ in range(_ROWS_AFTER):
        if len(rows) > _ROWS_NEEDED and len(rows[-1]) < width:
            rows = rows[:-1]
    return rows


def _are_titles(rows: list[Row]) -> bool:
    return len(rows) <= _MAX_TITLE_ROWS and all(sum(map(len, row)) <= _LONGEST_TITLE for row in rows)


def _has_columns(rows: list[Row], delimiter: str) -> bool:
    """Return whether the separators make columns, rather than stand in sentences, numbers or instructions."""
    if sum(sum(bool(cell.strip()) for cell in row) >= 2 for row in rows) < _FILLED * len(rows):
        return False  # lines that end with « ; », or begin with tabs
    if sum(any(map(_is_open, row)) for row in rows) >= _OPENED * len(rows):
        return False
    if delimiter != "\t" and _is_spaced(rows, delimiter):
        return _has_numbers(rows) or (len(rows[0]) >= _SPACED_COLUMNS and not _is_list(rows))
    return not (delimiter == "," and all(_is_decimal(row) for row in rows))


def _is_open(cell: str) -> bool:
    """Return whether a bracket is opened here and closed elsewhere: the separator was inside."""
    return any(cell.count(left) > cell.count(right) for left, right in _BRACKETS)


def _is_spaced(rows: list[Row], delimiter: str) -> bool:
    """Return whether the separator is followed by a space everywhere, and « ; » also preceded by one."""
    filled = [[cell for cell in row if cell] for row in rows]
    followed = all(cell[0].isspace() for row in filled for cell in row[1:])
    return followed and (delimiter == "," or all(cell[-1].isspace() for row in filled for cell in row[:-1]))


def _has_numbers(rows: list[Row]) -> bool:
    numbers = sum(any(_NUMBER.fullmatch(cell.strip()) for cell in row) for row in rows)
    return numbers >= _WITH_NUMBERS * len(rows)


def _is_list(rows: list[Row]) -> bool:
    """Return whether the rows are sentences, or the items of a list."""
    items = sum(_ITEM.match(row[0]) is not None for row in rows)
    return items * 2 >= len(rows) or max(len(cell) for row in rows for cell in row) > _LONGEST_SPACED


def _is_decimal(row: Row) -> bool:
    """Return whether the only comma of a row is that of a number."""
    return len(row) == 2 and row[0][-1:].isdigit() and row[1][:1].isdigit()
