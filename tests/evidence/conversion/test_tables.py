"""Lists sent as spreadsheets: read whatever program wrote them, bounded, and refused with a reason."""

import io
from datetime import date

import pytest

from portfolio.files.conversion.tables import MAX_TABLE_ROWS, NotATable, TableFault, read_table, table_of_text
from portfolio.web.exports import write_ods
from tests.office_files import xlsx

WANTED = (("Nom", "Courriel"), ("Élodie; la 2e", "e@x.fr"))


def read(data: bytes) -> tuple[tuple[str, ...], ...]:
    return read_table(io.BytesIO(data), len(data)).rows


@pytest.mark.parametrize(
    "data",
    [
        'Nom;Courriel\r\n"Élodie; la 2e";e@x.fr\r\n'.encode("cp1252"),
        '\ufeffNom,Courriel\n"Élodie; la 2e",e@x.fr\n'.encode(),
        "Nom\tCourriel\nÉlodie; la 2e\te@x.fr".encode("utf-16"),
        'sep=;\nNom;Courriel\n"Élodie; la 2e";e@x.fr'.encode(),
        xlsx(WANTED),
    ],
)
def test_a_list_is_read_whatever_program_wrote_it(data: bytes):
    assert read(data) == WANTED


def test_days_and_numbers_of_a_workbook_are_texts():
    file = io.BytesIO()
    write_ods(file, "Liste", ["Né le", "Téléphone"], [[date(1988, 2, 3), 612345678], ["'=1+1", None]])
    found = read_table(io.BytesIO(file.getvalue()), 10)
    assert found.rows == (("Né le", "Téléphone"), ("03/02/1988", "612345678"), ("=1+1", ""))
    assert (found.sheet, table_of_text(found.text).rows) == ("Liste", found.rows)


def test_what_a_spreadsheet_copies_is_cut_at_its_tabs():
    text = "Nom\tBloc 1, cas ; a\tBloc 2, cas\nInès, Duval\toui\n"
    assert table_of_text(text).rows == (("Nom", "Bloc 1, cas ; a", "Bloc 2, cas"), ("Inès, Duval", "oui"))


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", TableFault.EMPTY),
        (b"\n;;\n", TableFault.EMPTY),
        (b"%PDF-1.4", TableFault.NOT_A_TABLE),
        (b"PK\x03\x04xl/workbook", TableFault.NOT_A_TABLE),
        (b"a;b\n" * (MAX_TABLE_ROWS + 1), TableFault.TOO_LARGE),
        (b"a;" * 100, TableFault.TOO_LARGE),
    ],
)
def test_what_is_no_list_is_refused_with_its_reason(data: bytes, fault: TableFault):
    with pytest.raises(NotATable) as refused:
        read(data)
    assert refused.value.fault is fault
