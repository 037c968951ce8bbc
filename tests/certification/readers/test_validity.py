"""Time for which a block stays acquired, and entries of the specific register, in the XML and the answer of the API."""

import pytest

from portfolio.domain.certification.readers.validity import months_of
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Permanence
from portfolio.domain.certification.rules.publication import PublicationErrorCode, publication_errors
from portfolio.wording.certification import doubt_message
from tests.certification.readers.exports import block_xml, entry_xml
from tests.certification.readers.test_acts import BOTH, Read, from_xml


def told(entry: Entry) -> dict[DoubtCode, str]:
    return {doubt.what: doubt_message(doubt) for doubt in entry.doubts}


@pytest.mark.parametrize(
    ("written", "months"),
    [
        ("3 ans", 36),
        ("trois (3) ans", 36),
        ("36 mois", 36),
        ("un an", 12),
        ("trois ans, puis 5 ans", None),
        ("longtemps", None),
        ("999 ans", None),
    ],
)
def test_a_duration_is_read_in_months(written: str, months: int | None) -> None:
    assert months_of(written) == months


@BOTH
@pytest.mark.parametrize("place", ["title", "skills", "modality"])
def test_a_block_that_is_valid_for_some_years_has_its_months(read: Read, place: str) -> None:
    said = " Bloc valable 3 ans."
    block = block_xml(
        "RNCP90001BC02",
        "Vendre" + said * (place == "title"),
        "- Peser\n- Vendre" + said * (place == "skills"),
        "Oral" + said * (place == "modality"),
    )
    entry = read(entry_xml(blocks=block_xml("RNCP90001BC01", "Cultiver", "- Semer\n- Planter") + block))
    assert [found.validity_months for found in entry.blocks] == [None, 36]
    assert "alable 3 ans" in told(entry)[DoubtCode.PERMANENCE_OF_BLOCK]


@BOTH
@pytest.mark.parametrize(("written", "months"), [("3", 36), ("5 ans", 60), ("18 mois", 18), ("à préciser", None)])
def test_the_duration_of_an_entry_limits_each_of_its_blocks(read: Read, written: str, months: int | None) -> None:
    entry = read(entry_xml(more=f"<DUREE_VALIDITE>{written}</DUREE_VALIDITE>"))
    assert entry.permanence is Permanence.LIMITED
    assert {block.validity_months for block in entry.blocks} == {months}
    assert written in told(entry)[DoubtCode.PERMANENCE_LIMITED]
    assert DoubtCode.PERMANENCE_UNKNOWN not in told(entry)
    faults = {fault.what for fault in publication_errors(entry)}
    assert (PublicationErrorCode.VALIDITY_WITHOUT_MONTHS in faults) is (months is None)


@BOTH
def test_an_unlimited_duration_is_read_and_asked(read: Read) -> None:
    entry = read(entry_xml(more="<DUREE_VALIDITE>Illimitée</DUREE_VALIDITE>"))
    assert entry.permanence is Permanence.UNLIMITED
    assert DoubtCode.PERMANENCE_STATED in told(entry)


@BOTH
@pytest.mark.parametrize(
    ("answer", "code"), [("Non", DoubtCode.PARTIAL_VALIDATION), ("Parfois", DoubtCode.ANSWER_UNREADABLE), ("Oui", None)]
)
def test_a_partial_validation_that_contradicts_the_blocks_is_told(
    read: Read, answer: str, code: DoubtCode | None
) -> None:
    entry = read(entry_xml(more=f"<VALIDATION_PARTIELLE>{answer}</VALIDATION_PARTIELLE>"))
    found = {doubt.what for doubt in entry.doubts if doubt.where == "blocks"}
    assert found == ({code} if code else set())


SPECIFIC = entry_xml(
    "RS6232",
    "Manipuler un défibrillateur",
    more="<CAPACITES_ATTESTEES>- Alerter les secours\n- Poser les électrodes</CAPACITES_ATTESTEES>"
    "<DUREE_VALIDITE>3</DUREE_VALIDITE><VALIDATION_PARTIELLE>Non</VALIDATION_PARTIELLE>",
)
SPECIFIC = SPECIFIC[: SPECIFIC.index("<BLOCS")] + SPECIFIC[SPECIFIC.index("</BLOCS_COMPETENCES>") + 20 :]


@BOTH
def test_an_entry_of_the_specific_register_is_read_with_its_one_block(read: Read) -> None:
    entry = read(SPECIFIC)
    assert entry.code == "RS6232"
    assert [(block.number, block.title, block.validity_months) for block in entry.blocks] == [
        (1, "Manipuler un défibrillateur", 36)
    ]
    assert [item.text for item in entry.blocks[0].competencies] == ["Alerter les secours", "Poser les électrodes"]
    assert "répertoire spécifique" in told(entry)[DoubtCode.SPECIFIC_REGISTER]
    assert DoubtCode.PARTIAL_VALIDATION not in told(entry)
    assert PublicationErrorCode.CODE_FORM not in {fault.what for fault in publication_errors(entry)}


def test_parts_that_an_entry_of_the_specific_register_grants_alone_are_asked() -> None:
    entry = from_xml(SPECIFIC.replace("<VALIDATION_PARTIELLE>Non", "<VALIDATION_PARTIELLE>Oui"))
    assert "séparément" in told(entry)[DoubtCode.PARTIAL_VALIDATION]


def test_the_time_of_an_experience_is_no_validity() -> None:
    entry = from_xml(entry_xml(more="<OBJECTIFS_CONTEXTE>Il faut trois ans d’expérience.</OBJECTIFS_CONTEXTE>"))
    assert DoubtCode.PERMANENCE_LIMITED not in told(entry)
    entry = from_xml(entry_xml(more="<OBJECTIFS_CONTEXTE>Le titre est valable trois ans.</OBJECTIFS_CONTEXTE>"))
    assert DoubtCode.PERMANENCE_LIMITED in told(entry)
