"""A list as a file: what a person wrote stays a text, whatever it begins with."""

import io
from datetime import date

import pytest
from odf.opendocument import load
from odf.table import TableCell, TableRow

from portfolio.web.exports import safe_text, write_ods


@pytest.mark.parametrize("text", ["=1+1", "+33 6", "-2", "@SUM(A1)", "\t=1", " =1", "\u00a0=1", "\uff1d1"])
def test_a_text_that_a_spreadsheet_would_run_is_kept_as_a_text(text: str):
    assert safe_text(text) == f"'{text}"


@pytest.mark.parametrize("text", ["Inès", "a=b", "3 - 2", "", "prenom.nom@exemple.fr"])
def test_other_texts_are_left_as_they_are(text: str):
    assert safe_text(text) == text


def test_a_spreadsheet_holds_each_line_with_its_types_and_no_formula():
    file = io.BytesIO()
    write_ods(file, "candidatures", ("Personne", "Le", "Version"), [("=2+2 & <Inès>\x00", date(2026, 3, 2), 3)])
    rows = load(io.BytesIO(file.getvalue())).getElementsByType(TableRow)
    cells = [[(cell.getAttribute("valuetype"), str(cell)) for cell in row.getElementsByType(TableCell)] for row in rows]
    assert [text for _, text in cells[0]] == ["Personne", "Le", "Version"]
    assert cells[1] == [("string", "'=2+2 & <Inès>"), ("date", "02/03/2026"), ("float", "3")]
    assert not any(cell.getAttribute("formula") for row in rows for cell in row.getElementsByType(TableCell))
