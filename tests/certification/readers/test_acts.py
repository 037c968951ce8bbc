"""The act of a registration: one rule for the XML of the register and for the answer of its API."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.readers.acts import ActNature, nature_of
from portfolio.domain.certification.readers.api_v2 import ITEMS
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry
from portfolio.wording.certification import doubt_message
from tests.certification.readers.exports import entry_xml, export
from tests.certification.readers.test_mutations import bases

CREATION, OTHER, GENERAL = "CREATION", "AUTRE", "GENERAL"
CREATED = (CREATION, "Arrêté du 2 mars 2023 portant création du titre", "10/03/2023")


def with_acts(*acts: tuple[str, str, str], kind: str = "de droit", decided: str = "") -> str:
    """Return an entry registered from 2023-09-01 to 2028-08-31 that cites these acts."""
    written = "".join(
        f"<PUBLICATION_DECRET_{name}><PUBLICATION_JO><TITRE>{title}</TITRE>"
        f"<DATE_PUBLICATION_JO>{day}</DATE_PUBLICATION_JO></PUBLICATION_JO></PUBLICATION_DECRET_{name}>"
        for name, title, day in acts
    )
    decision = f"<DATE_DECISION>{decided}</DATE_DECISION>" if decided else ""
    return entry_xml(more=written + decision).replace("Enregistrement de droit", f"Enregistrement {kind}")


def as_answer(element: etree._Element) -> Any:
    """Return an element as the API writes it: a list without its wrapper, a text as a text."""
    if len(element) == 0:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element:
        value = as_answer(child)
        if child.tag in ITEMS and len(child):
            found.setdefault(child.tag, []).extend(as_answer(item) for item in child)
        elif child.tag in found:
            found[child.tag] = [
                *(found[child.tag] if isinstance(found[child.tag], list) else [found[child.tag]]),
                value,
            ]
        else:
            found[child.tag] = value
    return found


def from_xml(text: str) -> Entry:
    return read_entry(export(text), "fiche.xml")


def from_answer(text: str) -> Entry:
    fiche = as_answer(etree.fromstring(text.encode()))
    return read_entry(json.dumps({"nombreResultats": 1, "fiches": [fiche]}).encode(), "fiche.json")


Read = Callable[[str], Entry]
BOTH = pytest.mark.parametrize("read", [from_xml, from_answer])


def told(entry: Entry) -> dict[DoubtCode, str]:
    return {doubt.what: doubt_message(doubt) for doubt in entry.doubts if doubt.where.startswith("registrations")}


@BOTH
@pytest.mark.parametrize(
    ("later", "code"),
    [
        ((OTHER, "Arrêté du 4 mai 2023 portant abrogation de l’enregistrement", "10/05/2023"), DoubtCode.ACT_ABROGATES),
        ((CREATION, "Arrêté du 4 mai 2023 abrogeant l’arrêté du 2 mars 2023", "10/05/2023"), DoubtCode.ACT_ABROGATES),
        ((OTHER, "Décision du 4 mai 2023 de retrait de la certification", "10/05/2023"), DoubtCode.ACT_ABROGATES),
        ((GENERAL, "Décret portant suppression du titre", "10/05/2023"), DoubtCode.ACT_ABROGATES),
        ((OTHER, "Arrêté du 4 mai 2023 modifiant l’arrêté du 2 mars 2023", "10/05/2023"), DoubtCode.ACT_NOT_KEPT),
        ((CREATION, "Arrêté du 4 mai 2023 portant modification du titre", "10/05/2023"), DoubtCode.ACT_NOT_KEPT),
        ((OTHER, "Rectificatif à l’arrêté du 2 mars 2023", "10/05/2023"), DoubtCode.ACT_NOT_KEPT),
        ((OTHER, "Arrêté du 4 mai 2027", "10/05/2027"), DoubtCode.ACT_NOT_KEPT),
        ((CREATION, "Arrêté du 4 mai 2027 portant création", "10/05/2027"), DoubtCode.ACT_NOT_KEPT),
        ((CREATION, "Arrêté portant création, avec effet au 1er septembre 2027", "10/05/2023"), DoubtCode.ACT_NOT_KEPT),
        ((OTHER, "Arrêté du 4 mai 2023 relatif au titre", "10/05/2023"), DoubtCode.ACT_NOT_KEPT),
    ],
)
def test_a_later_act_is_never_the_act_of_registration(read: Read, later: tuple[str, str, str], code: DoubtCode) -> None:
    entry = read(with_acts(CREATED, later))
    assert entry.registrations[0].act == f"Enregistrement de droit – {CREATED[1]}"
    assert later[1] in told(entry)[code]


@BOTH
def test_an_entry_that_cites_only_a_repeal_prints_no_act(read: Read) -> None:
    entry = read(with_acts((CREATION, "Arrêté du 4 mai 2023 abrogeant l’arrêté du 2 mars 2018", "10/05/2023")))
    assert entry.registrations[0].act == "Enregistrement de droit"
    assert DoubtCode.ACT_ABROGATES in told(entry)


@BOTH
def test_an_act_that_creates_before_it_repeals_is_the_act_of_registration(read: Read) -> None:
    title = "Arrêté du 2 mars 2023 portant création du titre et abrogeant l’arrêté du 3 mars 2018"
    entry = read(with_acts((CREATION, title, "10/03/2023")))
    assert entry.registrations[0].act.endswith(title)
    assert told(entry) == {}


@BOTH
def test_an_act_of_renewal_takes_the_place_of_an_old_creation_and_is_asked(read: Read) -> None:
    old = (CREATION, "Arrêté du 2 mars 2018 portant création du titre", "10/03/2018")
    entry = read(with_acts(old, (OTHER, "Arrêté du 2 mars 2023 portant renouvellement", "10/03/2023")))
    assert entry.registrations[0].act.endswith("portant renouvellement")
    assert "Confirmez" in told(entry)[DoubtCode.ACT_NOT_OF_CREATION]


@BOTH
def test_an_entry_on_request_cites_its_own_decision_and_tells_a_repeal(read: Read) -> None:
    repeal = (OTHER, "Décision du 4 mai 2026 mettant fin à l’enregistrement", "10/05/2026")
    entry = read(with_acts(CREATED, repeal, kind="sur demande", decided="30/08/2023"))
    assert entry.registrations[0].act == "Enregistrement sur demande – décision du 30/08/2023"
    assert set(told(entry)) == {DoubtCode.ACT_ABROGATES}


@pytest.mark.parametrize(
    ("title", "nature"),
    [
        ("Arrêté du 3 mars 2018 modifié portant création du titre", ActNature.REGISTERS),
        ("Arrêté du 3 mars 2018 portant définition du brevet", ActNature.REGISTERS),
        ("Décision de non-renouvellement de l’enregistrement", ActNature.ENDS),
        ("Arrêté relatif au titre", ActNature.UNSAID),
    ],
)
def test_a_title_says_what_an_act_does_by_its_first_effect(title: str, nature: ActNature) -> None:
    assert nature_of(title) is nature


def test_an_answer_of_the_api_is_read_as_the_xml_of_the_same_entry(request: pytest.FixtureRequest) -> None:
    try:
        folder: Path | None = request.getfixturevalue("fiches")
    except pytest.skip.Exception:
        folder = None
    for number, text in bases(folder).items():
        assert from_answer(text) == from_xml(text), number


def test_a_certifier_written_twice_or_no_longer_active_is_one_certifier() -> None:
    one = entry_xml()[(at := entry_xml().index("<CERTIFICATEUR>")) : entry_xml().index("</CERTIFICATEURS>")]
    past = one.replace("Actif<", "Inactif<").replace("École du Miel", "Ancienne école")
    for read in (from_xml, from_answer):
        entry = read(entry_xml()[:at] + one + past + entry_xml()[at:])
        assert entry.certifiers == ("École du Miel",)
        assert entry.details is not None
        assert len(entry.details.certifiers) == 2
