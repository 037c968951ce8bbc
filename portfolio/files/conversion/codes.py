"""Conversions of a file to a readable format: the result, the converter, and failure reasons."""

from dataclasses import dataclass
from typing import BinaryIO

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.file_types.types import Converted, SheetExtent
from portfolio.files.sandbox.process import NotLeft, open_left

MAX_PAGES = 500
_MOST_ROWS = 1_000_000_000


@dataclass
class NotConverted(Exception):  # noqa: N818 - said to a person, not a fault of the program
    """Nothing can be made of the file, and why."""

    reason: RenditionFailure

    def __str__(self) -> str:
        """Return the code, for a log."""
        return self.reason


def row_counts(answered: object) -> tuple[int, int] | None:
    """Return how many rows are shown of how many, from the answer of a process that may say anything."""
    match answered:
        case [int(shown), int(in_all)] if 0 < shown < in_all < _MOST_ROWS:
            return shown, in_all
    return None


_MOST_SHEETS = 100


def sheet_extents(answered: object) -> tuple[SheetExtent, ...]:
    """Return the sheets of a workbook, from the answer of a process that may say anything."""
    if not isinstance(answered, list):
        return ()
    found: list[SheetExtent] = []
    for sheet in answered[:_MOST_SHEETS]:
        match sheet:
            case [str(name), int(rows), int(columns)] if rows > 0 and columns > 0:
                found.append((name[:100], rows, columns))
    return tuple(found)


def open_made(made: Converted) -> BinaryIO:
    """Open what was made; raise NotConverted when it is no ordinary file."""
    try:
        return open_left(made.path)
    except NotLeft as error:
        raise NotConverted(RenditionFailure.UNREADABLE) from error
