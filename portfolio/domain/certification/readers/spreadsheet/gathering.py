"""Lines gathered into blocks: a block left empty is that of the line above, a number in its name is its number."""

import re
import unicodedata
from dataclasses import dataclass, field

from portfolio.domain.certification.readers.framework import list_doubts
from portfolio.domain.certification.readers.spreadsheet.rows import Columns, SheetRow
from portfolio.domain.certification.rules.doubts import Doubt
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency
from portfolio.domain.certification.rules.spreadsheet import SheetFault, SheetFaultCode

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
