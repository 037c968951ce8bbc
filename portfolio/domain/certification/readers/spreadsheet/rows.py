"""The lines of a CSV text: which separator it uses, and the cells of each line.

Which column holds what: by the headings when there are any, else block, competency, assessment in this order.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from portfolio.domain.certification.readers.france_competences.blocks import list_doubts
from portfolio.domain.certification.rules.case_package import SheetFault, SheetFaultCode, folded, plain_cell
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency

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


MOST_BLOCKS, MOST_COMPETENCIES = 40, 40
LONGEST_TITLE, LONGEST_COMPETENCY = 500, 2000
# « Bloc 2 : Piloter », « RNCP37488BC02 - Piloter », « BC02 », « 2. Piloter », « 2 ».
NUMBERED = re.compile(
    r"(?:(?:bloc\s*(?:n°?\s*)?|(?:(?:rncp|rs)\d{1,6}\s*[-–]?\s*)?bc\s*|b\s*)(?P<named>\d{1,3})|(?P<bare>\d{1,3}))"
    r"(?:\s*[:.)–—-]\s*|\s+|$)(?P<title>.*)",
    re.IGNORECASE | re.DOTALL,
)
MARK = re.compile(r"(?:[•▪●*–—-]\s+|C\s?\d+(?:\.\d+)*\s*[:.)–—-]?\s+|\d+\.\d+\.?\s*[:)–—-]?\s+)")


@dataclass
class _Block:
    """A block as its lines fill it."""

    number: int
    title: str
    line: int
    competencies: dict[str, tuple[int, str]] = field(default_factory=dict)
    assessments: list[str] = field(default_factory=list)
    cells: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    def value(self) -> EntryBlock:
        texts = enumerate((text for _line, text in self.competencies.values()), 1)
        competencies = tuple(EntryCompetency(number, text) for number, text in texts)
        return EntryBlock(self.number, self.title, competencies, tuple(self.assessments))


class _Refused(Exception):  # noqa: N818 - one line is refused, the next ones are read
    def __init__(self, what: SheetFaultCode, *facts: str) -> None:
        super().__init__(what)
        self.what, self.facts = what, facts


def gather(
    rows: list[SheetRow], columns: Columns
) -> tuple[tuple[EntryBlock, ...], list[SheetFault], tuple[Doubt, ...]]:
    """Return the blocks, in the order of their numbers, the lines that cannot be placed, and what to look at."""
    blocks: list[_Block] = []
    faults: list[SheetFault] = []
    current: _Block | None = None
    for row in rows:
        try:
            current = _placed(row, columns, blocks, current)
        except _Refused as refused:
            faults.append(SheetFault(refused.what, row.line, refused.facts))
    faults += [
        SheetFault(SheetFaultCode.NO_COMPETENCY, block.line, (block.title or str(block.number),))
        for block in blocks
        if not block.competencies and not faults
    ]
    blocks.sort(key=lambda block: block.number)
    doubts = tuple(doubt for block in blocks for doubt in list_doubts(block.number, block.cells, block.codes))
    return tuple(block.value() for block in blocks), faults, doubts


def _placed(row: SheetRow, columns: Columns, blocks: list[_Block], current: _Block | None) -> _Block:
    if any(row.cells[columns.width :]):
        raise _Refused(SheetFaultCode.TOO_MANY_CELLS, str(columns.width))
    name, text, assessment = (_cell(row, rank) for rank in (columns.block, columns.competency, columns.assessment))
    block = _block(name, row.line, blocks) if name else current
    if block is None:
        raise _Refused(SheetFaultCode.NO_BLOCK)
    for wording in filter(None, (" ".join(line.split()) for line in assessment.split("\n"))):
        if wording not in block.assessments:
            block.assessments.append(wording)
    if text:
        _add(block, " ".join(text.split()), row.line)
        block.cells.append(text)
    return block


def _cell(row: SheetRow, rank: int | None) -> str:
    return row.cells[rank] if rank is not None and rank < len(row.cells) else ""


def _add(block: _Block, text: str, line: int) -> None:
    mark = MARK.match(text)
    text = text[mark.end() :] if mark else text
    key = _folded(text)
    if len(text) > LONGEST_COMPETENCY:
        raise _Refused(SheetFaultCode.COMPETENCY_TOO_LONG, str(LONGEST_COMPETENCY))
    if key in block.competencies:
        raise _Refused(SheetFaultCode.TWICE, str(block.competencies[key][0]))
    if len(block.competencies) == MOST_COMPETENCIES:
        raise _Refused(SheetFaultCode.TOO_MANY_COMPETENCIES, str(MOST_COMPETENCIES))
    block.competencies[key] = (line, text)
    block.codes.append(re.sub(r"[^\w.]", "", mark[0]).rstrip(".") if mark else "")


def _block(name: str, line: int, blocks: list[_Block]) -> _Block:
    """Find a block by its number, else by its title; add it under the next number otherwise."""
    number, title = _numbered(" ".join(name.split()))
    if len(title) > LONGEST_TITLE:
        raise _Refused(SheetFaultCode.TITLE_TOO_LONG, str(LONGEST_TITLE))
    found = next((block for block in blocks if _same(block, number, title)), None)
    if found is None:
        if len(blocks) == MOST_BLOCKS:
            raise _Refused(SheetFaultCode.TOO_MANY_BLOCKS, str(MOST_BLOCKS))
        found = _Block(number or max((block.number for block in blocks), default=0) + 1, title, line)
        blocks.append(found)
    elif title and found.title and _folded(title) != _folded(found.title):
        raise _Refused(SheetFaultCode.BLOCK_DIFFERS, str(found.number), found.title, title, str(found.line))
    found.title = found.title or title
    return found


def _same(block: _Block, number: int | None, title: str) -> bool:
    return block.number == number if number is not None else _folded(block.title) == _folded(title)


def _numbered(name: str) -> tuple[int | None, str]:
    match = NUMBERED.fullmatch(name)
    number = int(match["named"] or match["bare"]) if match else 0
    # « 3 D et animation » is a title; « 3 » alone, « 3. Animer » and « 3 - Animer » are numbers.
    if not match or not number or (match["bare"] and match["title"] and re.match(r"\d+\s+\w", name)):
        return None, name
    return number, match["title"].strip()


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if letter.isalnum())
