"""People who held blocks before this product was used: read from a spreadsheet, confirmed, counted, rectified
(R2 b, R12).
"""

from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.holdings.models.grants import Award, Certificate, Grant, HolderImport, PriorHolding
from portfolio.domain.holdings.rules.facts import Source
from portfolio.domain.holdings.rules.prior_lines import (
    Column,
    FoundFault,
    HolderFault,
    HolderRefusal,
    address_shown,
    read_day,
    read_holders,
)
from portfolio.domain.holdings.use_cases import holder_import, rectification
from portfolio.domain.holdings.use_cases.granting import grant_from_minutes
from portfolio.domain.holdings.use_cases.holder_sheet import SheetError, read_holder_sheet
from portfolio.domain.holdings.use_cases.holdings import held_blocks
from portfolio.domain.holdings.use_cases.recompute import recompute
from portfolio.domain.holdings.use_cases.status import load_certificate_status, load_statuses
from portfolio.domain.holdings.use_cases.status_history import load_outcomes
from portfolio.domain.integrity_checks.verification import check
from portfolio.errors import Refusal
from portfolio.wording.holdings import holders as words
from tests import factories
from tests.holdings.closings import hearing, minutes, sealed

TODAY = date(2026, 3, 4)
GOOD = {
    Column.NAME: "Samia Benali",
    Column.EMAIL: "samia@exemple.fr",
    Column.CERTIFICATION: "RNCP16959",
    Column.BLOCK: "2",
    Column.OBTAINED: "14/06/2019",
    Column.REFERENCE: "Procès-verbal du 14 juin 2019",
}
PROOF = ReceivedFile("c" * 32, "pv.pdf", "application/pdf", "document", 1, 8, "d" * 64)
OTHER_PROOF = ReceivedFile("e" * 32, "autre.pdf", "application/pdf", "document", 1, 8, "f" * 64)


def lines(*changes: dict[Column, str]) -> list[tuple[int, dict[Column, str]]]:
    return [(number, dict.fromkeys(Column, "") | GOOD | change) for number, change in enumerate(changes, 2)]


def faults(*changes: dict[Column, str]) -> dict[int, list[HolderFault]]:
    return {
        number: [one.what for one in found] for number, found in read_holders(lines(*changes), TODAY).faults.items()
    }


def test_a_line_is_read_with_its_optional_cells():
    full = {
        Column.BORN: "12/05/1984",
        Column.VERSION: "1",
        Column.VALIDITY: "2029-06-14",
        Column.NUMBER: "2019-42",
        Column.FILE: "pv.pdf",
    }
    read = read_holders(lines(full), TODAY)
    assert read.faults == {}
    line = read.lines[0]
    assert (line.name, line.email, line.code, line.version, line.block) == (
        "Samia Benali",
        "samia@exemple.fr",
        "RNCP16959",
        1,
        2,
    )
    assert (line.born_on, line.obtained_on, line.valid_until) == (
        date(1984, 5, 12),
        date(2019, 6, 14),
        date(2029, 6, 14),
    )
    assert (line.certificate, line.file_name) == ("2019-42", "pv.pdf")


@pytest.mark.parametrize(
    ("typed", "block"),
    [
        ("2", 2),
        ("Bloc 2", 2),
        ("BC02", 2),
        ("RNCP16959BC02", 2),
        ("b2", 2),
        ("entière", None),
        ("Certification entière", None),
    ],
)
def test_a_block_is_read_as_people_write_it(typed, block):
    assert read_holders(lines({Column.BLOCK: typed}), TODAY).lines[0].block == block


@pytest.mark.parametrize(("typed", "code"), [("16959", "RNCP16959"), ("rncp 16 959", "RNCP16959"), ("CQP-7", "CQP-7")])
def test_a_code_is_read_as_people_write_it(typed, code):
    assert read_holders(lines({Column.CERTIFICATION: typed}), TODAY).lines[0].code == code


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("1/6/2019", date(2019, 6, 1)),
        ("01.06.2019", date(2019, 6, 1)),
        ("2019-06-01", date(2019, 6, 1)),
        ("31/02/2019", None),
        ("juin 2019", None),
        ("", None),
    ],
)
def test_a_day_is_read_or_doubted(typed, day):
    assert read_day(typed) == day


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        *(({column: ""}, HolderFault.MISSING) for column in words.IS_REQUIRED),
        ({Column.EMAIL: "samia"}, HolderFault.BAD_EMAIL),
        ({Column.OBTAINED: "juin 2019"}, HolderFault.BAD_DATE),
        ({Column.OBTAINED: "05/03/2026"}, HolderFault.IN_THE_FUTURE),
        ({Column.BORN: "05/03/2026"}, HolderFault.IN_THE_FUTURE),
        ({Column.BORN: "14/06/2019"}, HolderFault.BORN_AFTER),
        ({Column.VALIDITY: "13/06/2019"}, HolderFault.ENDS_BEFORE),
        ({Column.VALIDITY: "trois ans"}, HolderFault.BAD_DATE),
        ({Column.BLOCK: "0"}, HolderFault.BAD_BLOCK),
        ({Column.BLOCK: "le deuxième"}, HolderFault.BAD_BLOCK),
        ({Column.VERSION: "v1"}, HolderFault.BAD_VERSION),
        ({Column.REFERENCE: "x" * 301}, HolderFault.TOO_LONG),
    ],
)
def test_each_fault_of_a_line_is_named_with_what_to_do(change, fault):
    found = read_holders(lines(change, {Column.EMAIL: "autre@exemple.fr"}), TODAY)
    assert [one.what for one in found.faults[2]] == [fault]
    assert [line.number for line in found.lines] == [3], "the other line is kept"
    assert words.fault_message(found.faults[2][0]).endswith((".", "entière\u00a0» pour toute la certification."))


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        *(({column: ""}, FoundFault(HolderFault.MISSING, column)) for column in words.IS_REQUIRED),
        ({Column.NAME: "x" * 301}, FoundFault(HolderFault.TOO_LONG, Column.NAME)),
        ({Column.EMAIL: "Samia"}, FoundFault(HolderFault.BAD_EMAIL, Column.EMAIL, ("samia",))),
        ({Column.OBTAINED: "j" * 50}, FoundFault(HolderFault.BAD_DATE, Column.OBTAINED, ("j" * 40,))),
        ({Column.BORN: "sans limite"}, FoundFault(HolderFault.BAD_DATE, Column.BORN, ("sans limite",))),
        ({Column.OBTAINED: "05/03/2026"}, FoundFault(HolderFault.IN_THE_FUTURE, Column.OBTAINED, ("05/03/2026",))),
        ({Column.BORN: "14/06/2019"}, FoundFault(HolderFault.BORN_AFTER, Column.BORN)),
        ({Column.VALIDITY: "13/06/2019"}, FoundFault(HolderFault.ENDS_BEFORE, Column.VALIDITY)),
        ({Column.BLOCK: "é" * 50}, FoundFault(HolderFault.BAD_BLOCK, Column.BLOCK, ("é" * 40,))),
        ({Column.VERSION: "v" * 50}, FoundFault(HolderFault.BAD_VERSION, Column.VERSION, ("v" * 40,))),
        ({Column.VERSION: "12345"}, FoundFault(HolderFault.BAD_VERSION, Column.VERSION, ("12345",))),
    ],
)
def test_a_fault_names_its_column_and_quotes_what_was_typed(change, fault):
    assert read_holders(lines(change), TODAY).faults == {2: (fault,)}


def test_every_fault_of_a_line_is_told_at_once():
    wrong = {Column.EMAIL: "samia", Column.BLOCK: "0", Column.VERSION: "v1", Column.OBTAINED: ""}
    found = faults(wrong)[2]
    assert found == [HolderFault.MISSING, HolderFault.BAD_EMAIL, HolderFault.BAD_BLOCK, HolderFault.BAD_VERSION]


def test_a_line_without_its_optional_columns_is_read_and_one_without_a_required_column_is_not():
    read = read_holders([(2, GOOD)], TODAY)
    assert read.faults == {}
    (line,) = read.lines
    assert (line.version, line.born_on, line.valid_until, line.certificate, line.file_name) == (
        None,
        None,
        None,
        "",
        "",
    )
    assert line.reference == "Procès-verbal du 14 juin 2019"
    for column in words.IS_REQUIRED:
        short = {key: cell for key, cell in GOOD.items() if key is not column}
        assert read_holders([(2, short)], TODAY).faults == {2: (FoundFault(HolderFault.MISSING, column),)}


@pytest.mark.parametrize("typed", ["sans limite", "Définitive", "illimitée"])
def test_a_validity_without_an_end_is_said_in_words(typed):
    assert read_holders(lines({Column.VALIDITY: typed}), TODAY).lines[0].valid_until is None


def test_a_version_has_four_figures_at_most():
    assert read_holders(lines({Column.VERSION: "2024"}), TODAY).lines[0].version == 2024


def test_the_day_of_today_and_an_end_on_the_day_of_the_decision_are_right():
    assert faults({Column.OBTAINED: "04/03/2026", Column.VALIDITY: "04/03/2026"}) == {}
    assert faults({Column.REFERENCE: "x" * 300}) == {}


def test_a_line_that_repeats_another_is_named_and_the_first_is_kept():
    again = read_holders(lines({}, {}), TODAY)
    assert again.faults == {3: (FoundFault(HolderFault.TWICE, None, ("2",)),)}
    assert [line.number for line in again.lines] == [2]
    assert faults({}, {Column.BLOCK: "3"}) == {}, "another block of the same person"


def test_one_address_has_one_name():
    assert faults({}, {Column.NAME: "Inès Aubry", Column.BLOCK: "3"}) == {3: [HolderFault.TWO_NAMES]}
    assert faults({}, {Column.NAME: "SAMIA BENALI", Column.BLOCK: "3"}) == {}
    other = {Column.NAME: "Inès Aubry", Column.EMAIL: "ines@exemple.fr", Column.BLOCK: "3"}
    assert faults({}, other) == {}, "another address has another name"
    found = read_holders(lines({}, other | {Column.EMAIL: GOOD[Column.EMAIL]}), TODAY).faults
    assert found == {3: (FoundFault(HolderFault.TWO_NAMES, Column.NAME, ("Samia Benali", "2")),)}


def test_every_fault_has_its_sentence():
    for what in HolderFault:
        assert words.fault_message(FoundFault(what, Column.NAME, ("1", "2020-01-02", "3"))).endswith(".")


def csv_of(*rows: str) -> bytes:
    return ("\ufeff" + "\r\n".join(rows)).encode()


HEADING = "Nom;Courriel;Certification;Bloc;Obtenu le;Référence de la preuve"


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_a_sheet_is_read_whatever_program_wrote_it(encoding, separator):
    text = (
        separator.join(HEADING.split(";"))
        + "\n"
        + separator.join(["Zoé É.", "a@b.fr", "16959", "2", "14/06/2019", '"PV; page 3, haut"'])
    )
    sheet = read_holder_sheet(text.encode(encoding))
    assert sheet.error is None
    (number, cells) = sheet.rows[0]
    assert (number, cells[Column.NAME], cells[Column.REFERENCE]) == (2, "Zoé É.", "PV; page 3, haut")


def test_marks_that_turn_a_text_around_leave_a_sheet():
    sheet = read_holder_sheet(csv_of(HEADING, "Zoé \u202eB\u2069;a@b.fr;16959;2;14/06/2019;\u2066PV"))
    (_, cells) = sheet.rows[0]
    assert (cells[Column.NAME], cells[Column.REFERENCE]) == ("Zoé B", "PV")


def test_other_headings_and_added_columns_are_understood():
    sheet = read_holder_sheet(
        csv_of(
            "Titulaire;E-mail;Code;Bloc;Date;Preuve;Résultat", "Zoé;a@b.fr;16959;2;14/06/2019;PV;non reprise", ";;;;;;"
        )
    )
    assert sheet.error is None
    assert len(sheet.rows) == 1
    assert sheet.rows[0][1][Column.OBTAINED] == "14/06/2019"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", SheetError.EMPTY),
        (csv_of(HEADING), SheetError.EMPTY),
        (b"%PDF-1.7", SheetError.NOT_CSV),
        (b"PK\x03\x04xl/", SheetError.NOT_CSV),
        (csv_of("Nom;Courriel", "Zoé;a@b.fr"), SheetError.HEADING),
        (csv_of(HEADING, '"Zoé;a@b.fr'), SheetError.QUOTE),
        (csv_of(HEADING, *["Zoé;a@b.fr;16959;2;14/06/2019;PV"] * 1001), SheetError.TOO_MANY),
    ],
)
def test_a_file_that_is_not_such_a_list_is_refused_with_what_to_do(data, error):
    sheet = read_holder_sheet(data)
    assert (sheet.error, sheet.rows) == (error, ())
    assert words.SHEET_ERRORS[error](sheet.facts).endswith(".")


def start(session: Session, world: factories.World, *changes: dict[Column, str], proofs=(PROOF,)) -> HolderImport:
    return holder_import.start_import(
        session, world.body.id, "liste.csv", lines(*changes), proofs, by=world.certifier.id, at=factories.AT
    )


def page_of(session: Session, row: HolderImport, today: date = TODAY) -> holder_import.ImportPageData:
    return holder_import.load_import_page(session, row, today)


def confirm(
    session: Session, world: factories.World, *changes: dict[Column, str], at=factories.AT
) -> list[PriorHolding]:
    row = start(session, world, *changes)
    shown = page_of(session, row, at.date()).holdings
    holder_import.confirm_import(session, row, expected=shown, by=world.certifier.id, at=at)
    return list(
        session.scalars(select(PriorHolding).where(PriorHolding.import_id == row.id).order_by(PriorHolding.block_id))
    )


def codes(session: Session, row: HolderImport) -> dict[int, list[HolderFault]]:
    return {line.number: [fault.what for fault in line.faults] for line in page_of(session, row).wrong}


def test_an_import_writes_the_good_lines_and_keeps_the_others(db: Database, world: factories.World):
    with db.transaction() as session:
        row = start(
            session,
            world,
            {},
            {Column.EMAIL: "faux"},
            {Column.EMAIL: "ines@exemple.fr", Column.NAME: "Inès", Column.BLOCK: "9"},
        )
        page = page_of(session, row)
        assert (len(page.good), codes(session, row)) == (
            1,
            {3: [HolderFault.BAD_EMAIL], 4: [HolderFault.UNKNOWN_BLOCK]},
        )
        assert session.scalar(select(func.count()).select_from(PriorHolding)) == 0, (
            "nothing counts before the confirmation"
        )
        letters = session.scalar(select(func.count()).select_from(OutgoingEmail))
        assert holder_import.confirm_import(session, row, expected=1, by=world.certifier.id, at=factories.AT) == 1
        assert session.scalar(select(func.count()).select_from(OutgoingEmail)) == letters, "nobody is written to"
        person = session.scalars(select(Person).where(Person.email == "samia@exemple.fr")).one()
        held = held_blocks(session, person.id, world.version.id, on=None)
        assert [(one.block_number, one.granted_on, one.source) for one in held.values()] == [
            (2, date(2019, 6, 14), Source.PRIOR)
        ]
        assert codes(session, row)[2] == [HolderFault.ALREADY_RECORDED], "its page says so afterwards"
        with pytest.raises(Refusal):
            holder_import.confirm_import(session, row, expected=1, by=world.certifier.id, at=factories.AT)
    with db.reader() as session:
        assert check(session).ok
        assert recompute(session).ok


def test_a_whole_certification_is_every_block_and_issues_nothing_here(db: Database, world: factories.World):
    with db.transaction() as session:
        rows = confirm(
            session, world, {Column.BLOCK: "entière", Column.EMAIL: world.candidate.email, Column.NUMBER: "P-12"}
        )
        assert len(rows) == 4
        assert all(row.is_whole for row in rows)
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
        assert {one.number for one in held.values()} == {"P-12"}
        assert not session.scalars(select(Award)).all(), "the whole was delivered before, under its own number"
        assert not session.scalars(select(Certificate)).all()
        assert recompute(session).ok


def test_nobody_holds_a_block_twice(db: Database, world: factories.World):
    mine = {Column.EMAIL: world.candidate.email}
    with db.transaction() as session:
        factories.held(session, world.candidacy, world.version.blocks[0].id, date(2020, 1, 2))
        assert codes(session, start(session, world, mine | {Column.BLOCK: "1"})) == {2: [HolderFault.ALREADY_HELD]}
        whole = page_of(session, start(session, world, mine | {Column.BLOCK: "entière"}))
        assert [block.number for block in whole.good[0].assessed.skipped] == [1]
        assert words.skipped_message(whole.good[0]) == "Le bloc 1, déjà détenu, ne change pas."
        assert [block.number for block in whole.good[0].assessed.blocks] == [2, 3, 4]
        both = page_of(session, start(session, world, mine | {Column.BLOCK: "entière"}, mine | {Column.BLOCK: "3"}))
        assert [fault.what for fault in both.wrong[0].faults] == [HolderFault.TWICE]
        confirm(session, world, mine | {Column.BLOCK: "2"})
        assert codes(session, start(session, world, mine | {Column.BLOCK: "2"})) == {2: [HolderFault.ALREADY_RECORDED]}


def test_a_block_before_a_jury_waits_and_a_list_that_changed_is_read_again(db: Database, world: factories.World):
    with db.transaction() as session:
        row = start(session, world, {Column.EMAIL: world.candidate.email})
        assert page_of(session, row).holdings == 1
        sealed(session, world)
        assert codes(session, row) == {2: [HolderFault.BEFORE_JURY]}
        with pytest.raises(Refusal) as refused:
            holder_import.confirm_import(session, row, expected=1, by=world.certifier.id, at=factories.AT)
        assert refused.value.code is HolderRefusal.NOTHING
        other = start(session, world, {}, {Column.EMAIL: "b@exemple.fr"})
        with pytest.raises(Refusal) as refused:
            holder_import.confirm_import(session, other, expected=3, by=world.certifier.id, at=factories.AT)
        assert refused.value.code is HolderRefusal.CHANGED


@pytest.mark.parametrize(
    ("change", "proofs", "fault"),
    [
        ({Column.FILE: "PV.pdf"}, (PROOF, OTHER_PROOF), None),
        ({}, (PROOF,), None),
        ({}, (PROOF, OTHER_PROOF), HolderFault.SEVERAL_FILES),
        ({Column.FILE: "absent.pdf"}, (PROOF,), HolderFault.UNKNOWN_FILE),
        ({}, (), HolderFault.NO_FILE),
        ({Column.CERTIFICATION: "RNCP1"}, (PROOF,), HolderFault.UNKNOWN_CERTIFICATION),
        ({Column.VERSION: "7"}, (PROOF,), HolderFault.SEVERAL_VERSIONS),
    ],
)
def test_a_line_names_its_proof_and_a_certification_of_the_body(
    db: Database, world: factories.World, change, proofs, fault
):
    with db.transaction() as session:
        row = start(session, world, change, proofs=proofs)
        assert codes(session, row) == ({2: [fault]} if fault else {})


def test_a_certification_of_another_body_is_unknown(db: Database, world: factories.World):
    with db.transaction() as session:
        other = factories.body(session, "Autre organisme")
        row = holder_import.start_import(
            session, other.id, "liste.csv", lines({}), (PROOF,), by=world.certifier.id, at=factories.AT
        )
        assert codes(session, row) == {2: [HolderFault.UNKNOWN_CERTIFICATION]}
        assert holder_import.find_import(session, world.body.id, row.id) is None


def whole_by_jury_and_before(session: Session, world: factories.World) -> None:
    """Three blocks of before, and the fourth by a jury: the whole is obtained."""
    mine = {Column.EMAIL: world.candidate.email}
    confirm(session, world, *(mine | {Column.BLOCK: str(number)} for number in (1, 2, 3)))
    blocks = world.version.blocks
    closed = minutes(session, hearing(session, sealed(session, world)), blocks[3:])
    grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)


def test_blocks_of_before_make_the_whole_with_those_of_a_jury(db: Database, world: factories.World):
    with db.transaction() as session:
        whole_by_jury_and_before(session, world)
        award = session.scalars(select(Award)).one()
        certificate = session.scalars(select(Certificate).where(Certificate.award_id == award.id)).one()
        assert load_certificate_status(session, certificate).status == "held"
        assert session.scalar(select(func.count()).select_from(Grant)) == 1, (
            "what was held before is granted nowhere again"
        )
        assert recompute(session).ok
        outcome = load_outcomes(session, [world.candidacy.id])[world.candidacy.id]
        assert outcome.result.label == "full"


def test_a_rectified_holding_counts_no_more_and_the_whole_ends(db: Database, world: factories.World):
    with db.transaction() as session:
        whole_by_jury_and_before(session, world)
        row = session.scalars(select(PriorHolding)).first()
        end = ("Ce bloc est celui d’une autre personne.", TODAY, OTHER_PROOF)
        rectification.rectify_holding(session, row, *end, by=world.certifier.id, at=factories.AT + timedelta(days=9000))
        held = held_blocks(session, world.candidate.id, world.version.id, on=None)
        assert len(held) == 3
        assert row.block_id not in held
        certificate = session.scalars(select(Certificate).where(Certificate.award_id.is_not(None))).one()
        status = load_certificate_status(session, certificate)
        assert (status.status, status.since) == ("annulled", TODAY)
        assert load_statuses(session, [certificate])[certificate.id] == "annulled"
        assert recompute(session).ok
        with pytest.raises(Refusal) as refused:
            rectification.rectify_holding(
                session, row, *end, by=world.certifier.id, at=factories.AT + timedelta(days=9000)
            )
        assert refused.value.code is HolderRefusal.ENDED
        # The right line can be imported afterwards.
        number = {block.id: block.number for block in world.version.blocks}[row.block_id]
        confirm(session, world, {Column.EMAIL: world.candidate.email, Column.BLOCK: str(number)})
        assert len(held_blocks(session, world.candidate.id, world.version.id, on=None)) == 4
        assert recompute(session).ok


def test_a_holding_dated_after_the_jury_completes_the_whole_on_its_day(db: Database, world: factories.World):
    with db.transaction() as session:
        blocks = world.version.blocks
        closed = minutes(session, hearing(session, sealed(session, world)), blocks[:3], blocks[3:])
        grant_from_minutes(session, closed.id, by=world.certifier.id, at=factories.AT)
        later = closed.decided_on + timedelta(days=30)
        line = {Column.EMAIL: world.candidate.email, Column.BLOCK: "4", Column.OBTAINED: later.isoformat()}
        confirm(session, world, line, at=factories.AT + timedelta(days=9000))
        award = session.scalars(select(Award)).one()
        assert award.obtained_on == later
        assert recompute(session).ok


def test_a_holding_with_an_end_is_held_until_that_day(db: Database, world: factories.World):
    mine = {Column.EMAIL: world.candidate.email, Column.VALIDITY: "14/06/2021"}
    with db.transaction() as session:
        confirm(session, world, mine)
        last, after = date(2021, 6, 14), date(2021, 6, 15)
        assert len(held_blocks(session, world.candidate.id, world.version.id, on=last)) == 1
        assert len(held_blocks(session, world.candidate.id, world.version.id, on=after)) == 0
        assert recompute(session).ok


@pytest.mark.records("holders_dropped", "holders_read")
def test_a_dropped_list_writes_nothing(db: Database, world: factories.World):
    with db.transaction() as session:
        row = start(session, world, {})
        holder_import.drop_import(session, row, by=world.certifier.id, at=factories.AT)
        for act in (
            lambda: holder_import.drop_import(session, row, by=world.certifier.id, at=factories.AT),
            lambda: holder_import.confirm_import(session, row, expected=1, by=world.certifier.id, at=factories.AT),
        ):
            with pytest.raises(Refusal) as refused:
                act()
            assert refused.value.code is HolderRefusal.CLOSED
        assert session.scalar(select(func.count()).select_from(PriorHolding)) == 0


def test_a_holding_of_another_body_is_not_found(db: Database, world: factories.World):
    with db.transaction() as session:
        row = confirm(session, world, {})[0]
        assert holder_import.find_holding(session, world.body.id, row.id) is row
        other = factories.body(session, "Autre organisme")
        assert holder_import.find_holding(session, other.id, row.id) is None
        assert isinstance(row.id, UUID)


def test_a_holder_without_an_address_is_told_apart_by_the_day_of_birth():
    nobody = {Column.EMAIL: "", Column.BORN: ""}
    assert faults(nobody) == {2: [HolderFault.NOBODY]}
    born, other = {Column.EMAIL: "", Column.BORN: "12/05/1984"}, {Column.EMAIL: "", Column.BORN: "13/05/1984"}
    read = read_holders(lines(born, other | {Column.BLOCK: "3"}, born | {Column.BLOCK: "4"}), TODAY)
    assert read.faults == {}
    first, second, third = read.lines
    assert first.email == third.email != second.email
    assert not address_shown(first.email)
    assert address_shown("samia@exemple.fr") == "samia@exemple.fr"
