"""Lines of a spreadsheet of former holders: what each cell becomes, and what is said of one that cannot be read."""

from datetime import date

import pytest

from portfolio.domain.holdings.rules.prior_lines import (
    MAX_CHARS,
    REQUIRED,
    Column,
    FoundFault,
    HolderFault,
    HolderLine,
    read_day,
    read_holders,
)

TODAY = date(2026, 6, 18)
FULL = {
    Column.NAME: "  Samia   Benali ",
    Column.EMAIL: "Samia.Benali@Exemple.fr",
    Column.BORN: "12/06/1984",
    Column.CERTIFICATION: " rncp 16959 ",
    Column.VERSION: "2",
    Column.BLOCK: "RNCP16959BC03",
    Column.OBTAINED: "2019-06-12",
    Column.NUMBER: "C-2019-004",
    Column.REFERENCE: "PV du 12 juin 2019",
    Column.VALIDITY: "12.06.2030",
    Column.FILE: "pv.pdf",
}
LINE = HolderLine(
    number=2,
    name="Samia Benali",
    email="samia.benali@exemple.fr",
    born_on=date(1984, 6, 12),
    code="RNCP16959",
    version=2,
    block=3,
    obtained_on=date(2019, 6, 12),
    certificate="C-2019-004",
    reference="PV du 12 juin 2019",
    valid_until=date(2030, 6, 12),
    file_name="pv.pdf",
)


def read(**changes: str) -> tuple[HolderLine | None, tuple[FoundFault, ...]]:
    """Read one line, with these cells instead of those of `FULL`."""
    found = read_holders([(2, FULL | {Column(name): cell for name, cell in changes.items()})], TODAY)
    return next(iter(found.lines), None), found.faults.get(2, ())


def test_each_cell_has_its_place():
    assert read() == (LINE, ())


def test_a_line_with_the_required_cells_alone_names_no_version_no_end_and_no_file():
    found = read_holders([(7, {column: FULL[column] for column in (*REQUIRED, Column.EMAIL)})], TODAY)
    [line] = found.lines
    assert found.faults == {}
    assert (line.number, line.born_on, line.version, line.valid_until) == (7, None, None, None)
    assert (line.certificate, line.file_name) == ("", "")


@pytest.mark.parametrize("column", REQUIRED)
def test_a_required_cell_that_is_empty_is_missed_by_its_name(column: Column):
    line, faults = read(**{column.value: ""})
    assert line is None
    assert FoundFault(HolderFault.MISSING, column) in faults
    without = {name: cell for name, cell in FULL.items() if name is not column}
    assert FoundFault(HolderFault.MISSING, column) in read_holders([(2, without)], TODAY).faults[2]


@pytest.mark.parametrize("column", list(Column))
def test_a_cell_is_long_up_to_its_bound(column: Column):
    fault = FoundFault(HolderFault.TOO_LONG, column)
    assert fault in read(**{column.value: "a" * (MAX_CHARS + 1)})[1]
    assert fault not in read(**{column.value: "a" * MAX_CHARS})[1]


@pytest.mark.parametrize(
    "email", ["samia", "samia@exemple", "@exemple.fr", "a b@exemple.fr", "a@b@exemple.fr", "a@exemple.fr."]
)
def test_an_address_that_is_none_is_quoted(email: str):
    assert read(email=email) == (None, (FoundFault(HolderFault.BAD_EMAIL, Column.EMAIL, (email,)),))


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("12/06/2019", date(2019, 6, 12)),
        ("1-2-2019", date(2019, 2, 1)),
        ("01.02.2019", date(2019, 2, 1)),
        (" 2019-02-01 ", date(2019, 2, 1)),
        ("31/02/2019", None),
        ("2019-13-01", None),
        ("2019-2-1", None),
        ("12/06/19", None),
        ("12/06/2019 à 9 h", None),
        ("juin 2019", None),
        ("", None),
    ],
)
def test_a_day_is_read_in_french_and_in_figures_or_is_none(typed: str, day: date | None):
    assert read_day(typed) == day


@pytest.mark.parametrize("column", [Column.BORN, Column.OBTAINED, Column.VALIDITY])
def test_a_day_that_is_none_is_quoted_at_some_length(column: Column):
    typed = "x" * 60
    assert read(**{column.value: typed}) == (None, (FoundFault(HolderFault.BAD_DATE, column, ("x" * 40,)),))


@pytest.mark.parametrize("column", [Column.BORN, Column.OBTAINED])
def test_what_was_cannot_be_after_today(column: Column):
    assert FoundFault(HolderFault.IN_THE_FUTURE, column, ("19/06/2026",)) in read(**{column.value: "19/06/2026"})[1]


def test_today_is_no_future():
    line, faults = read(obtained="18/06/2026")
    assert (line.obtained_on, faults) == (TODAY, ())


def test_an_end_may_come_and_is_not_before_the_day_it_was_obtained():
    assert read(validity="2019-06-12")[0].valid_until == date(2019, 6, 12)
    assert read(validity="2019-06-11") == (None, (FoundFault(HolderFault.ENDS_BEFORE, Column.VALIDITY),))


@pytest.mark.parametrize("typed", ["", "Illimitée", "illimitee", "sans limite", "Définitive", "definitive"])
def test_a_validity_without_end_is_none(typed: str):
    assert read(validity=typed)[0].valid_until is None


def test_nobody_obtains_before_the_day_after_their_birth():
    assert read(born="2019-06-11")[1] == ()
    assert read(born="2019-06-12") == (None, (FoundFault(HolderFault.BORN_AFTER, Column.BORN),))


@pytest.mark.parametrize(
    ("typed", "block"),
    [
        ("3", 3),
        ("03", 3),
        ("B3", 3),
        ("bloc 3", 3),
        ("BC03", 3),
        ("RNCP 16959 BC 03", 3),
        ("120", 120),
        *(
            (whole, None)
            for whole in ("Entière", "certification entière", "toute", " TOUS ", "tous les blocs", "entiere")
        ),
    ],
)
def test_a_block_is_a_number_however_it_is_written_and_the_whole_is_none(typed: str, block: int | None):
    assert read(block=typed) == (HolderLine(**{**_fields(LINE), "block": block}), ())


def _fields(line: HolderLine) -> dict[str, object]:
    return {name: getattr(line, name) for name in HolderLine.__slots__}


@pytest.mark.parametrize("typed", ["0", "B0", "trois", "3 et 4", "1234", "-3", "x" * 60])
def test_what_names_no_block_is_quoted_at_some_length(typed: str):
    assert read(block=typed) == (None, (FoundFault(HolderFault.BAD_BLOCK, Column.BLOCK, (typed[:40],)),))


def test_a_version_is_a_number_of_four_figures_at_most():
    assert [read(version=typed)[0].version for typed in ("", "1", "2024")] == [None, 1, 2024]
    for typed in ("v2", "1,5", "12345", "²", "x" * 60):
        assert read(version=typed) == (None, (FoundFault(HolderFault.BAD_VERSION, Column.VERSION, (typed[:40],)),))


@pytest.mark.parametrize(
    ("typed", "code"), [("16959", "RNCP16959"), ("rncp 16959", "RNCP16959"), ("Maison 12", "MAISON12")]
)
def test_a_number_alone_is_one_of_the_register(typed: str, code: str):
    assert read(certification=typed)[0].code == code


def test_a_line_that_says_again_what_another_says_is_a_fault_of_the_second():
    found = read_holders([(2, FULL), (3, FULL), (4, FULL | {Column.BLOCK: "1"})], TODAY)
    assert [line.number for line in found.lines] == [2, 4]
    assert found.faults == {3: (FoundFault(HolderFault.TWICE, None, ("2",)),)}


@pytest.mark.parametrize(
    "change",
    [{Column.EMAIL: "autre@exemple.fr"}, {Column.CERTIFICATION: "17000"}, {Column.VERSION: "3"}, {Column.BLOCK: "2"}],
)
def test_another_person_certification_version_or_block_is_another_line(change: dict[Column, str]):
    assert read_holders([(2, FULL), (3, FULL | change)], TODAY).faults == {}


def test_one_address_has_one_name_whatever_its_case():
    same, other = ({Column.NAME: "SAMIA BENALI", Column.BLOCK: "1"}, {Column.NAME: "Sami Benali", Column.BLOCK: "2"})
    found = read_holders([(2, FULL), (3, FULL | same), (4, FULL | other)], TODAY)
    assert [line.number for line in found.lines] == [2, 3]
    assert found.faults == {4: (FoundFault(HolderFault.TWO_NAMES, Column.NAME, ("Samia Benali", "2")),)}


def test_faults_come_in_the_order_of_the_lines_and_all_of_a_line_together():
    wrong = FULL | {Column.BLOCK: "trois", Column.VERSION: "v2", Column.REFERENCE: ""}
    found = read_holders([(9, wrong), (2, FULL), (5, FULL | {Column.EMAIL: "x"})], TODAY)
    assert list(found.faults) == [5, 9]
    assert [fault.what for fault in found.faults[9]] == [
        HolderFault.MISSING,
        HolderFault.BAD_BLOCK,
        HolderFault.BAD_VERSION,
    ]
    assert [line.number for line in found.lines] == [2]
