"""Which column holds what: by the headings when there are any, else block, competency, assessment in this
order.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from portfolio.domain.certification.readers.spreadsheet.rows import SheetRow
from portfolio.domain.certification.rules.spreadsheet import SheetFault, SheetFaultCode

BLOCK = re.compile(r"(?:(?:titres?|intitules?|libelles?|noms?) (?:du |des )?)?blocs?(?: de competences?)?")
COMPETENCY = re.compile(
    r"(?:(?:titres?|intitules?|libelles?|liste) (?:de la |des |de )?)?competences?(?: "
    r"(?:attestees?|evaluees?|visees?))?"
)
ASSESSMENT = re.compile(
    r"(?:modalites?|epreuves?|evaluations?)(?: d['’ ]?evaluations?| d['’]|s)?(?: du bloc)?"
)


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
    names = [_folded(cell) for cell in rows[0].cells]
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


def _folded(cell: str) -> str:
    plain = unicodedata.normalize("NFKD", cell.casefold())
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split()).strip(
        " :.*"
    )
