"""A list that a person sends as a spreadsheet or pastes: read, its columns guessed and shown, carried by the form until
the lines are accepted.

Nothing is kept on the server before: the lines stand in the form, where they can be corrected.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import request
from flask_wtf.file import FileField
from wtforms import BooleanField
from wtforms.validators import ValidationError

from portfolio.domain.candidacy.rules.opening import EMAIL
from portfolio.domain.certification.rules.case_package import guess_columns
from portfolio.files.conversion.tables import (
    MAX_TABLE_BYTES,
    MAX_TABLE_CHARS,
    MAX_TABLE_ROWS,
    NotATable,
    TableFault,
    read_table,
    table_of_text,
)
from portfolio.web.forms import IdempotentForm, MultiLineField

ACCEPTED = ".csv,.txt,.tsv,.ods,.xlsx,.xls,text/csv"
_FAULTS = {
    TableFault.EMPTY: "Cette liste est vide.",
    TableFault.NOT_A_TABLE: (
        "Ce fichier n’est pas une liste lisible. Enregistrez-la en CSV, ODS ou XLSX, sans mot de passe."
    ),
    TableFault.TOO_LARGE: (
        f"Cette liste est trop longue : {MAX_TABLE_ROWS - 1} lignes et 5 Mo au plus. Coupez-la en plusieurs fichiers."
    ),
}
# What the button that accepts the lines sends.
ACCEPT = "ouvrir"
_EMAIL_COLUMN = "email"


@dataclass(frozen=True, slots=True)
class SentSheet:
    """The lines of a list: its headings, what each column is taken for, and the rows under their numbers."""

    headings: tuple[str, ...]
    columns: tuple[Any, ...]
    rows: tuple[tuple[int, tuple[str, ...]], ...]

    def cells(self) -> Iterator[tuple[int, Mapping[Any, str]]]:
        """Yield each row that is not empty, by column; a column that is taken for nothing is left out."""
        for number, row in self.rows:
            yield (
                number,
                {column: cell for column, cell in zip(self.columns, row, strict=False) if column is not None and cell},
            )


class SheetForm(IdempotentForm):
    """A file or pasted lines, the meaning of each column, and whether wrong lines are set aside."""

    sheet = FileField("Le fichier", render_kw={"accept": ACCEPTED})
    lines = MultiLineField("Les lignes", limit=MAX_TABLE_CHARS)
    set_aside = BooleanField("Laisser de côté les lignes à corriger")
    # Column → the headings that people write for it; set by each kind of list.
    headings: Mapping[Any, Sequence[str]] = {}

    def validate_sheet(self, field: FileField) -> None:
        """Read the file in place of the lines; without one, lines are needed."""
        if not field.data or not field.data.filename:
            if not (self.lines.data or "").strip():
                raise ValidationError("Choisissez un fichier, ou collez les lignes.")
            return
        stream = field.data.stream
        size = stream.seek(0, 2)
        stream.seek(0)
        try:
            table = read_table(stream, min(size, MAX_TABLE_BYTES + 1))
        except NotATable as refused:
            raise ValidationError(_FAULTS[refused.fault]) from None
        self.lines.data = table.text

    @property
    def brings_file(self) -> bool:
        """Tell whether a file came with the form."""
        return bool(self.sheet.data and self.sheet.data.filename)

    @property
    def is_accepted(self) -> bool:
        """Tell whether the button that accepts the shown lines was used."""
        return request.form.get("step") == ACCEPT and not self.brings_file

    def read(self) -> SentSheet | None:
        """Return the lines with their columns; None without headings, or of no list: `lines` then says so."""
        try:
            rows = table_of_text(self.lines.data or "").rows
        except NotATable as refused:
            self.lines.errors = [_FAULTS[refused.fault]]
            return None
        first = next(place for place, row in enumerate(rows) if any(row))
        guessed = self._guessed(rows[first], rows[first + 1 :])
        chosen = request.form.getlist("column")
        if len(chosen) == len(guessed) and not self.brings_file:
            offered = {str(column): column for column in self.headings}
            guessed = [offered.get(value) for value in chosen]
        elif any(EMAIL.fullmatch(cell) for cell in rows[first]) or not any(guessed):
            return None
        numbered = tuple((place + 1, row) for place, row in enumerate(rows) if place > first and any(row))
        return SentSheet(rows[first], tuple(guessed), numbered)

    def _guessed(self, heading: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Any]:
        """Guess by the headings, then find the addresses by what they look like."""
        found = guess_columns([re.sub(r"\s+", " ", cell) for cell in heading], self.headings)
        email = next((column for column in self.headings if str(column) == _EMAIL_COLUMN), None)
        if email is not None and email not in found:
            seen = [row for row in rows[:50] if len(row) <= len(found)]
            scores = [
                sum(1 for row in seen if EMAIL.fullmatch("".join(row[place : place + 1])))
                for place in range(len(found))
            ]
            if max(scores, default=0):
                found[scores.index(max(scores))] = email
        return found
