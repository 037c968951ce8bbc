"""A spreadsheet of blocks and competencies: its encodings, separators, headings, and every wrong line by its number."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.certification.readers.spreadsheet import read_sheet
from portfolio.domain.certification.rules.case_package import SheetFaultCode, plain_cell, safe_cell
from portfolio.domain.certification.rules.entry import EntryBlock, EntryCompetency
from portfolio.wording.certification import sheet_notes, sheet_sentence, sheet_text

TEXT = "Bloc 1 - Accueillir;Écouter, puis reformuler\n;Conseiller\nBloc 2 - Vendre;Encaisser\n"
READ = {"Accueillir": ("Écouter, puis reformuler", "Conseiller"), "Vendre": ("Encaisser",)}


def blocks_in(data: bytes | str) -> dict[str, tuple[str, ...]]:
    sheet = read_sheet(data.encode() if isinstance(data, str) else data)
    assert not sheet.faults, sheet.faults
    return {block.title: tuple(competency.text for competency in block.competencies) for block in sheet.blocks}


def faults_in(text: str) -> list[tuple[SheetFaultCode, int | None]]:
    return [(fault.what, fault.line) for fault in read_sheet(text.encode()).faults]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_encoding_and_line_end_of_a_spreadsheet_program_is_read(encoding, end):
    assert blocks_in(TEXT.replace("\n", end).encode(encoding)) == READ


def test_a_guessed_encoding_is_to_be_checked():
    assert "vérifiez les accents" in sheet_notes(read_sheet(TEXT.encode("cp1252")))
    assert sheet_notes(read_sheet(TEXT.encode())) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Bloc 1 - Accueillir\tÉcouter, puis reformuler\n\tConseiller\nBloc 2 - Vendre\tEncaisser",
        'Accueillir,"Écouter, puis reformuler"\n,Conseiller\nVendre,Encaisser',
        "sep=;\n" + TEXT,
        "Bloc de compétences;Compétence\n" + TEXT,
        "INTITULÉ DU BLOC ; Compétences ; Modalités\n" + TEXT,
        '"Compétences";"Bloc"\n"Écouter, puis reformuler";"Accueillir"\n"Conseiller";""\n"Encaisser";"Vendre"',
        "\n\n" + TEXT + "\n;;\n",
        "RNCP37488BC01 - Accueillir;C1.1 - Écouter, puis reformuler\nBC01;• Conseiller\n2. Vendre;2.1 Encaisser",
        'Bloc 1 : Accueillir;"Écouter,\npuis reformuler"\nBloc 1;Conseiller\nBloc 2 : Vendre;Encaisser',
    ],
)
def test_separators_headings_quotes_and_numbers_are_recognised(text):
    assert blocks_in(text) == READ


def test_numbers_of_blocks_are_kept_and_assessments_are_those_of_their_block():
    sheet = read_sheet(b"Bloc 3;Vendre;Oral\nBloc 3;Encaisser;Oral\nBloc 1;Accueillir;\xc3\x89crit\n")
    assert [(block.number, block.assessments) for block in sheet.blocks] == [(1, ("Écrit",)), (3, ("Oral",))]


def test_a_title_that_begins_with_a_number_is_a_title():
    assert blocks_in("3 D et animation;Modéliser\nAutre bloc;Rendre") == {
        "3 D et animation": ("Modéliser",),
        "Autre bloc": ("Rendre",),
    }


def test_each_wrong_line_is_named_by_its_number_and_the_others_are_read():
    text = ';Sans bloc\nBloc 1;Vendre\nBloc 1;vendre\nBloc 1 - A;Dire\nBloc 1 - B;Faire\nBloc 2;"Ouvert\nBloc 2;a;b;c\nBloc 2;Ranger\n'
    assert faults_in(text) == [
        (SheetFaultCode.NO_BLOCK, 1),
        (SheetFaultCode.TWICE, 3),
        (SheetFaultCode.BLOCK_DIFFERS, 5),
        (SheetFaultCode.QUOTE, 6),
        (SheetFaultCode.TOO_MANY_CELLS, 7),
    ]
    assert read_sheet(text.encode()).blocks[1].competencies[0].text == "Ranger"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", SheetFaultCode.EMPTY),
        (b"\xef\xbb\xbf \n", SheetFaultCode.EMPTY),
        (b"PK\x03\x04xl/workbook.xml", SheetFaultCode.NOT_TEXT),
        (bytes(range(256)) * 4, SheetFaultCode.NOT_TEXT),
        (b"Une phrase.\nUne autre.", SheetFaultCode.NO_SEPARATOR),
        ("Bloc;Compétence\n".encode(), SheetFaultCode.ONLY_HEADING),
        (b"Bloc;Savoir-faire\n1;Vendre", SheetFaultCode.HEADING),
        (b"1;a\n" * 3000, SheetFaultCode.TOO_MANY_LINES),
        (b"".join(b"Bloc %d;Vendre\n" % n for n in range(1, 42)), SheetFaultCode.TOO_MANY_BLOCKS),
        (b"".join(b"Bloc 1;Vendre %d\n" % n for n in range(41)), SheetFaultCode.TOO_MANY_COMPETENCIES),
        (b"Bloc 1;" + b"a" * 2001, SheetFaultCode.COMPETENCY_TOO_LONG),
        (b"a" * 501 + b";Vendre", SheetFaultCode.TITLE_TOO_LONG),
        (b"Bloc 1;Vendre\nBloc 2;\n", SheetFaultCode.NO_COMPETENCY),
    ],
)
def test_a_table_that_cannot_be_taken_is_refused_with_a_sentence(data, code):
    fault = read_sheet(data).faults[0]
    assert fault.what is code
    assert sheet_sentence(fault).endswith(".")


def test_columns_that_are_not_read_are_named():
    assert "Critères" in sheet_notes(read_sheet("Bloc;Compétence;Critères\n1;Vendre;Oui".encode()))


@given(st.binary(max_size=400))
def test_no_bytes_raise(data):
    read_sheet(data)


@given(st.text(max_size=300))
def test_no_text_raises_and_nothing_that_a_store_refuses_comes_out(text):
    sheet = read_sheet(text.encode("utf-8", "replace"))
    assert not any("\x00" in competency.text for block in sheet.blocks for competency in block.competencies)


def test_an_exported_cell_is_never_a_formula_and_is_read_back_as_it_was():
    block = EntryBlock(
        1, '=HYPERLINK("x")', (EntryCompetency(1, "=1+1"), EntryCompetency(2, "@SUM(A1)"), EntryCompetency(3, "-5 °C"))
    )
    text = sheet_text(
        (block, EntryBlock(2, "Vendre ; encaisser", (EntryCompetency(1, 'Dire "oui"'),), ("Oral", "Écrit")))
    )
    assert text.startswith("\ufeff")
    cells = [cell.strip('"') for line in text.splitlines() for cell in line.split(";")]
    assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    again = read_sheet(text.encode())
    assert (again.faults, again.blocks) == (
        (),
        (block, EntryBlock(2, "Vendre ; encaisser", (EntryCompetency(1, 'Dire "oui"'),), ("Oral", "Écrit"))),
    )


@given(st.text())
def test_a_safe_cell_gives_its_text_back(text):
    assert text.startswith("'") or plain_cell(safe_cell(text)) == text
