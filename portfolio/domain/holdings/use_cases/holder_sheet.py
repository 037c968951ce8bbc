"""Read a spreadsheet of holders saved as CSV: its columns by their headings, its lines as they were typed."""

from __future__ import annotations

import csv
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from portfolio.domain.certification.readers.formats import decoded, foreign_format
from portfolio.domain.certification.rules.spreadsheet import plain_cell
from portfolio.domain.holdings.rules.prior_lines import MAX_LINES, REQUIRED, Column

# The headings of the template; others that people write for the same thing.
HEADINGS: Mapping[Column, str] = {
    Column.NAME: "Nom",
    Column.EMAIL: "Courriel",
    Column.BORN: "Date de naissance",
    Column.CERTIFICATION: "Certification",
    Column.VERSION: "Version",
    Column.BLOCK: "Bloc",
    Column.OBTAINED: "Obtenu le",
    Column.NUMBER: "Numéro",
    Column.REFERENCE: "Référence de la preuve",
    Column.VALIDITY: "Valable jusqu’au",
    Column.FILE: "Fichier de la preuve",
}
_OTHERS: Mapping[str, Column] = {
    "nom et prenom": Column.NAME,
    "prenom et nom": Column.NAME,
    "personne": Column.NAME,
    "titulaire": Column.NAME,
    "e-mail": Column.EMAIL,
    "email": Column.EMAIL,
    "mail": Column.EMAIL,
    "adresse electronique": Column.EMAIL,
    "naissance": Column.BORN,
    "fiche": Column.CERTIFICATION,
    "code": Column.CERTIFICATION,
    "date": Column.OBTAINED,
    "date d'obtention": Column.OBTAINED,
    "numero du certificat": Column.NUMBER,
    "reference": Column.REFERENCE,
    "preuve": Column.REFERENCE,
    "validite": Column.VALIDITY,
    "valable jusqu'au": Column.VALIDITY,
    "fichier": Column.FILE,
}


class SheetError(StrEnum):
    """Why a whole file is not read."""

    EMPTY = "holders_empty"
    NOT_CSV = "holders_not_csv"
    HEADING = "holders_heading"
    TOO_MANY = "holders_too_many"
    QUOTE = "holders_quote"


@dataclass(frozen=True, slots=True)
class HolderSheet:
    """The lines of a file, each with its number; or why it is not read, with what the sentence quotes."""

    rows: tuple[tuple[int, Mapping[Column, str]], ...] = ()
    error: SheetError | None = None
    facts: tuple[str, ...] = ()


def read_holder_sheet(data: bytes) -> HolderSheet:
    """Read a CSV separated by semicolons, tabs or commas, in UTF-8 or as older Windows programs write; raise
    nothing.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        return HolderSheet(error=SheetError.EMPTY)
    text = None if foreign_format(data) else decoded(data)
    if text is None:
        return HolderSheet(error=SheetError.NOT_CSV)
    lines = unicodedata.normalize("NFC", text[0]).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    start = 1 if lines[0].strip(' "').casefold().startswith("sep=") else 0
    separator = max(";\t,", key=lines[start].count) if len(lines) > start else ";"
    reader = csv.reader(lines[start:], delimiter=separator, strict=True)
    try:
        rows = [(start + reader.line_num, [_clean(cell) for cell in cells]) for cells in reader]
    except csv.Error:
        return HolderSheet(error=SheetError.QUOTE, facts=(str(start + reader.line_num),))
    return _with_columns([row for row in rows if any(row[1])])


def _clean(cell: str) -> str:
    return plain_cell(" ".join(cell.replace("\xa0", " ").split()))


def _with_columns(rows: list[tuple[int, list[str]]]) -> HolderSheet:
    if not rows:
        return HolderSheet(error=SheetError.EMPTY)
    columns = [_column(cell) for cell in rows[0][1]]
    missing = [HEADINGS[column] for column in REQUIRED if column not in columns]
    if missing:
        return HolderSheet(error=SheetError.HEADING, facts=tuple(missing))
    if len(rows) == 1:
        return HolderSheet(error=SheetError.EMPTY)
    if len(rows) > MAX_LINES + 1:
        return HolderSheet(error=SheetError.TOO_MANY, facts=(str(MAX_LINES), str(len(rows) - 1)))
    found = []
    for number, cells in rows[1:]:
        named = {column: cell for column, cell in zip(columns, cells, strict=False) if column is not None}
        found.append((number, {column: named.get(column, "") for column in Column}))
    return HolderSheet(tuple(found))


def _column(heading: str) -> Column | None:
    folded = _folded(heading)
    return _BY_NAME.get(folded)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split()).strip(
        " :.*"
    )


_BY_NAME: Mapping[str, Column] = {_folded(name): column for column, name in HEADINGS.items()} | dict(_OTHERS)
