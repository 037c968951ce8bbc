"""The lines of a CSV text: which separator it uses, and the cells of each line.

Which column holds what: by the headings when there are any, else block, competency, assessment in this order.
"""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from portfolio.domain.certification.rules.spreadsheet import SheetFault, SheetFaultCode, folded, plain_cell

SEPARATORS = (";", "\t", ",")  # the first of two that fit as well; French spreadsheets write the semicolon
DECLARED = {"sep=;": ";", "sep=,": ",", "sep=\t": "\t"}
MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class SheetRow:
    """One line that is not empty: its number in the file, and its cells."""

    line: int
    cells: tuple[str, ...]


def delimiter_of(lines: list[str]) -> tuple[str | None, int]:
    """Return the separator, None when no line has one, and how many lines declare it (« sep=; » of a spreadsheet)."""
    first = lines[0].strip(' "').casefold() if lines else ""
    if first in DECLARED:
        return DECLARED[first], 1
    scores = {separator: _score(lines, separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    return (best if scores[best] else None), 0


def _score(lines: list[str], delimiter: str) -> int:
    """Count the lines of two or three cells: more are the commas of a sentence."""
    rows, _faults = rows_of(lines, delimiter, 0)
    return sum(2 <= len(_trimmed(row.cells)) <= 3 for row in rows)


def rows_of(lines: list[str], delimiter: str, skipped: int) -> tuple[list[SheetRow], list[SheetFault]]:
    """Return the lines that are not empty, and those whose quotes are wrong; reading goes on after a wrong line."""
    rows: list[SheetRow] = []
    faults: list[SheetFault] = []
    start = skipped
    while start < len(lines) and len(faults) < MOST_FAULTS:
        before = start
        try:
            for row, following in _records(lines, delimiter, before):
                start = following
                if any(row.cells):
                    rows.append(row)
        except csv.Error:
            faults.append(SheetFault(SheetFaultCode.QUOTE, start + 1))
            start += 1
    return rows, faults


def _records(lines: list[str], delimiter: str, start: int) -> Iterator[tuple[SheetRow, int]]:
    """Yield each line with the place of the next one; a quoted cell may go over several lines of the file."""
    source = (f"{line}\n" for line in islice(lines, start, None))
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    line = start
    for cells in reader:
        cleaned = tuple(plain_cell(cell.replace("\xa0", " ").strip()) for cell in cells)
        following = start + reader.line_num
        yield SheetRow(line + 1, cleaned), following
        line = following


def _trimmed(cells: tuple[str, ...]) -> tuple[str, ...]:
    end = max((rank for rank, cell in enumerate(cells, 1) if cell), default=0)
    return cells[:end]


BLOCK = re.compile(r"(?:(?:titres?|intitules?|libelles?|noms?) (?:du |des )?)?blocs?(?: de competences?)?")
COMPETENCY = re.compile(
    r"(?:(?:titres?|intitules?|libelles?|liste) (?:de la |des |de )?)?competences?(?: "
    r"(?:attestees?|evaluees?|visees?))?"
)
ASSESSMENT = re.compile(r"(?:modalites?|epreuves?|evaluations?)(?: d['’ ]?evaluations?| d['’]|s)?(?: du bloc)?")


@dataclass(frozen=True, slots=True)
class Columns:
    """The rank of each column; None for an assessment that the file does not give."""

    block: int = 0
    competency: int = 1
    assessment: int | None = 2
    width: int = 3
    ignored: tuple[str, ...] = ()


def columns_of(rows: list[SheetRow]) -> tuple[Columns, bool, SheetFault | None]:
    """Return the columns, whether the first line is a heading, and the fault of a heading that names one
    column of two.
    """
    if not rows:
        return Columns(), False, None
    names = [folded(cell) for cell in rows[0].cells]
    block, competency, assessment = (_rank(names, pattern) for pattern in (BLOCK, COMPETENCY, ASSESSMENT))
    if block is not None and competency is not None:
        used = {block, competency, assessment}
        ignored = tuple(cell for rank, cell in enumerate(rows[0].cells) if cell and rank not in used)
        return Columns(block, competency, assessment, len(names), ignored), True, None
    if block is None and competency is None:
        return Columns(), False, None
    seen = " ; ".join(cell for cell in rows[0].cells if cell)
    return Columns(), False, SheetFault(SheetFaultCode.HEADING, rows[0].line, (seen,))


def _rank(names: list[str], pattern: re.Pattern[str]) -> int | None:
    return next((rank for rank, name in enumerate(names) if pattern.fullmatch(name)), None)
