"""The sheets of a workbook as its reader shows them, and the sheets, rows and cells that a passage names."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portfolio.domain.dossier.rules.rendition import fold

_SHEET = re.compile(r"\b(?:feuilles?|onglets?)\b\s*(?:n[°o]\s*)?(?:(?P<number>[0-9]{1,4})\b|(?P<name>[^,;.:]*))")
_SHEET_NUMBER = re.compile(r"\b(?:feuilles?|onglets?)\s*(?:n[°o]\s*)?[0-9]{1,4}\b", re.IGNORECASE)
_ROWS = re.compile(r"\blignes?\s*(?:n[°o]\s*)?([0-9]{1,7})(?:\s*(?:-|à|a|au|et)\s*([0-9]{1,7}))?")
_CELL = r"([a-z]{1,3})([1-9][0-9]{0,6})"
_CELLS = re.compile(rf"\b(?:cellules?|plages?|cases?)\s+{_CELL}(?:\s*:\s*{_CELL})?\b|\b{_CELL}\s*:\s*{_CELL}\b")
# After « feuille » or « onglet », these open a description, not a name.
_NO_NAME = re.compile(r"\s*(?:$|(?:de|du|des|d'|le|la|les|l'|ou|avec|qui|sur)\b|l'|d')")


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that the reader shows: its name, its last row and its last column, counted from 1."""

    name: str
    rows: int
    columns: int


@dataclass(frozen=True, slots=True)
class SheetFault:
    """Number that a passage names and no sheet has; `last`: how far the sheets go."""

    where: str
    last: str


def sheets_of(contents: Any) -> tuple[Sheet, ...]:
    """Return the sheets kept among the contents of a rendition; none of another file."""
    kept = json.loads(contents) if isinstance(contents, str) else contents
    found = kept.get("sheets", ()) if isinstance(kept, dict) else ()
    return tuple(Sheet(str(name), int(rows), int(columns)) for name, rows, columns in found)


def sheet_fault(passage: str, sheets: Sequence[Sheet]) -> SheetFault | None:
    """Return the first sheet, row or cell of a passage that the workbook does not have; None when each is
    there, or where the sheets are not known.
    """
    if not sheets:
        return None
    plain, named = fold(passage), tuple(sheets)
    names = ", ".join(sheet.name for sheet in sheets[:10])
    for match in _SHEET.finditer(plain):
        if match["number"] and int(match["number"]) > len(sheets) and match["number"] not in fold(names):
            return SheetFault(f"feuille {match['number']}", names)
        name = match["name"]
        if name and not _NO_NAME.match(name) and not any(fold(sheet.name) in plain for sheet in sheets):
            return SheetFault(passage[match.start("name") : match.end("name")].strip(), names)
    named = tuple(sheet for sheet in sheets if fold(sheet.name) in plain) or named
    rows, columns = max(sheet.rows for sheet in named), max(sheet.columns for sheet in named)
    last = f"{_letters(columns)}{rows}"
    for match in _ROWS.finditer(plain):
        beyond = [part for part in match.groups() if part and int(part) > rows]
        if beyond:
            return SheetFault(f"ligne {beyond[0]}", last)
    for match in _CELLS.finditer(plain):
        parts = [part for part in match.groups() if part]
        for letters, row in zip(parts[::2], parts[1::2], strict=True):
            if int(row) > rows or _number(letters) > columns:
                return SheetFault(f"{letters.upper()}{row}", last)
    return None


def without_sheets(passage: str) -> str:
    """Return a passage without the numbers of its sheets, which are no pages."""
    return _SHEET_NUMBER.sub(" ", passage)


def _number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("a") + 1
    return number


def _letters(number: int) -> str:
    letters = ""
    while number > 0:
        number, left = divmod(number - 1, 26)
        letters = chr(ord("A") + left) + letters
    return letters
