"""Sheets, rows and cells of a workbook that a passage names."""

import pytest

from portfolio.domain.dossier.rules.citation import Sheet, sheet_fault, sheets_of

BOOK = (Sheet("Budget 2024", 12, 4), Sheet("Équipe", 30, 28))


@pytest.mark.parametrize(
    "passage",
    ["", "feuille 2", "onglet Équipe", "feuille equipe, lignes 3 à 30", "Budget 2024, cellules A1:D12", "onglet du budget",
     "cellule AB30", "la feuille de calcul", "T4 2023", "le tableau du bas"],
)  # fmt: skip
def test_what_the_workbook_has_is_accepted(passage):
    assert sheet_fault(passage, BOOK) is None


@pytest.mark.parametrize(
    ("passage", "where", "last"),
    [
        ("feuille 3", "feuille 3", "Budget 2024, Équipe"),
        ("onglet Ventes", "Ventes", "Budget 2024, Équipe"),
        ("lignes 3 à 400", "ligne 400", "AB30"),
        ("feuille Budget 2024, ligne 13", "ligne 13", "D12"),
        ("cellules A1:F900", "F900", "AB30"),
        ("Budget 2024, cellule E2", "E2", "D12"),
    ],
)
def test_what_it_has_not_is_told_with_how_far_it_goes(passage, where, last):
    fault = sheet_fault(passage, BOOK)
    assert fault is not None
    assert (fault.where, fault.last) == (where, last)


def test_nothing_is_refused_of_a_file_whose_sheets_are_not_known():
    assert sheets_of(None) == sheets_of({"files": []}) == ()
    assert sheets_of('{"sheets": [["A", 1, 2]]}') == (Sheet("A", 1, 2),)
    assert sheet_fault("feuille 99", ()) is None
