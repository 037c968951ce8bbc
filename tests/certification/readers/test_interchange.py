"""The readers of JSON, of pasted pages and of the CSV export: each answers an entry with its doubts, or a sentence."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from portfolio.domain.certification.readers import api_v2, bounded_json, case, formats, mahara_matrix, public_page
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Habilitation, Route
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry
from portfolio.wording.certification import doubt_message, location_message, refusal_message
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.writing import entry_text

JSON_READERS = (api_v2, case, mahara_matrix)
READERS = (*JSON_READERS, public_page, formats)


def sound(entry: Entry) -> Entry:
    """Check what holds for every entry: it can be stored, shown, and never says « unlimited » or « no » by default."""
    assert entry_from_json(entry_as_json(entry)) == entry
    assert all(doubt_message(doubt) and location_message(doubt.where) for doubt in entry.doubts)
    assert entry.permanence is None
    assert DoubtCode.PERMANENCE_UNKNOWN in {doubt.what for doubt in entry.doubts}
    json.dumps(entry_as_json(entry), ensure_ascii=False).encode("utf-8")
    return entry


def refused(read: Callable[[bytes], object], data: bytes) -> RejectionReason:
    with pytest.raises(UnreadableEntry) as caught:
        read(data)
    assert refusal_message(caught.value)
    return caught.value.reason


def answered(read: Callable[[bytes], Entry], data: bytes) -> str:
    """Return the code and title of what is read, else the sentence of the refusal."""
    try:
        entry = sound(read(data))
    except UnreadableEntry as refusal:
        return refusal_message(refusal)
    return f"{entry.code} {entry.title}"


def codes(entry: Entry, where: str = "") -> list[DoubtCode]:
    return [doubt.what for doubt in entry.doubts if doubt.where.startswith(where)]


# The API of the register.


def fiche(**changes: Any) -> dict[str, Any]:
    return {
        "ID_FICHE": 1,
        "NUMERO_FICHE": "RNCP40344",
        "INTITULE": "Responsable d’atelier",
        "NOMENCLATURE_EUROPE": {"NIVEAU": "NIV6", "INTITULE": "Niveau 6"},
        "DATE_EFFET": "01/02/2025",
        "DATE_FIN_ENREGISTREMENT": "31/01/2028",
        "DATE_LIMITE_DELIVRANCE": "31/01/2030",
        "BLOCS_COMPETENCES": [
            {
                "CODE": "RNCP40344BC01",
                "LIBELLE": "Tenir",
                "LISTE_COMPETENCES": "- Compter  - Ranger",
                "MODALITES_EVALUATION": "Oral",
            },
            {"CODE": "RNCP40344BC02", "LIBELLE": "Ouvrir", "LISTE_COMPETENCES": "C1.1 Accueillir C1.2 Vendre"},
        ],
        **changes,
    }


def answer(*fiches: dict[str, Any]) -> bytes:
    return json.dumps({"nombreResultats": len(fiches), "fiches": fiches}).encode()


def test_an_answer_of_the_api_is_read_with_what_it_cannot_say() -> None:
    entry = sound(api_v2.read(answer(fiche())))
    assert (entry.code, entry.level, entry.title) == ("RNCP40344", "6", "Responsable d’atelier")
    assert [[competency.text for competency in block.competencies] for block in entry.blocks] == [
        ["Compter", "Ranger"],
        ["C1.1 Accueillir", "C1.2 Vendre"],
    ]
    assert [(str(registration.since), str(registration.until)) for registration in entry.registrations] == [
        ("2025-02-01", "2028-01-31")
    ]
    assert [route.open for route in entry.routes] == [None] * 6
    assert codes(entry, "jury") == [DoubtCode.JURY_MISSING]
    assert codes(entry, "blocks.2") == [DoubtCode.CUT_TO_CHECK, DoubtCode.ASSESSMENT_MISSING]
    assert entry.details is not None
    assert str(entry.details.delivery_until) == "2030-01-31"


def test_the_routes_of_an_answer_are_open_closed_or_unknown() -> None:
    entry = sound(
        api_v2.read(
            answer(
                fiche(
                    SI_JURY_VAE={
                        "ACTIF": "Oui",
                        "COMPOSITION": "Jury composé de 2 membres :<br>- un président<br>- un formateur",
                    },
                    SI_JURY_CA={"ACTIF": "Non", "COMPOSITION": "2 experts"},
                    SI_JURY_FI="Oui",
                )
            )
        )
    )
    states = {route.route: route.open for route in entry.routes}
    assert (states[Route.VAE], states[Route.APPRENTICESHIP], states[Route.INITIAL_TRAINING]) == (True, False, True)
    assert states[Route.INDIVIDUAL] is None
    assert entry.jury is not None
    assert entry.jury.seats == (Seat.PRESIDENT, Seat.TEACHER_TRAINER)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (answer(), RejectionReason.NO_ENTRY_IN_ANSWER),
        (answer(fiche(), fiche()), RejectionReason.SEVERAL_ENTRIES),
        (answer(fiche(NUMERO_FICHE="XX12")), RejectionReason.NOT_AN_ENTRY),
        (answer(fiche(BLOCS_COMPETENCES=[])), RejectionReason.NOT_AN_ENTRY),
        (answer(fiche(BLOCS_COMPETENCES="x")), RejectionReason.NOT_AN_ENTRY),
        (
            answer(fiche(BLOCS_COMPETENCES=[{"CODE": "1", "LIBELLE": "Tenir"}])),
            RejectionReason.BLOCK_WITHOUT_COMPETENCY,
        ),
        (answer(fiche(BLOCS_COMPETENCES=[fiche()["BLOCS_COMPETENCES"][0]] * 2)), RejectionReason.BLOCK_CODE_TWICE),
    ],
)
def test_an_answer_that_is_no_single_entry_is_refused(data: bytes, reason: RejectionReason) -> None:
    assert api_v2.recognises(data)
    assert refused(api_v2.read, data) is reason


def test_a_date_that_does_not_exist_is_said() -> None:
    entry = sound(api_v2.read(answer(fiche(DATE_FIN_ENREGISTREMENT="31/09/2028"))))
    assert codes(entry, "registrations") == [DoubtCode.DATE_UNREADABLE, DoubtCode.REGISTRATION_DATES_MISSING]


# CASE.


def package(items: dict[str, str], links: list[tuple[str, str, int]], **document: Any) -> bytes:
    return json.dumps(
        {
            "CFDocument": {
                "identifier": "doc",
                "uri": "https://x.example/doc",
                "creator": "École",
                "title": "Titre",
                **document,
            },
            "CFItems": [
                {"identifier": one, "fullStatement": text, "uri": f"https://x.example/{one}"}
                for one, text in items.items()
            ],
            "CFAssociations": [
                {
                    "identifier": str(uuid4()),
                    "associationType": "isChildOf",
                    "originNodeURI": {"identifier": child, "title": "", "uri": ""},
                    "destinationNodeURI": {"identifier": parent, "title": "", "uri": ""},
                    "sequenceNumber": place,
                }
                for child, parent, place in links
            ],
        }
    ).encode()


ITEMS = {"a": "Tenir", "b": "Ouvrir", "a1": "Compter", "a2": "Ranger", "h": "Titre intermédiaire", "b1": "Vendre"}
LINKS = [("b", "doc", 1), ("a", "doc", 2), ("a1", "a", 2), ("a2", "a", 1), ("h", "b", 1), ("b1", "h", 1)]


def test_a_package_of_case_is_read_in_the_order_of_its_sequence_numbers() -> None:
    data = package(ITEMS, LINKS)
    assert case.recognises(data)
    entry = sound(case.read(data))
    assert [(block.title, [competency.text for competency in block.competencies]) for block in entry.blocks] == [
        ("Ouvrir", ["Vendre"]),
        ("Tenir", ["Ranger", "Compter"]),
    ]
    assert codes(entry, "code") == [DoubtCode.FRAMEWORK_WITHOUT_CODE]
    assert DoubtCode.HEADING_SET_ASIDE in codes(entry, "blocks.1")


@pytest.mark.parametrize(
    ("links", "reason"),
    [
        ([("a", "doc", 1), ("a1", "a2", 1), ("a2", "a1", 1)], RejectionReason.CYCLE),
        ([("a", "a", 1)], RejectionReason.CYCLE),
        ([("a", "doc", 1), ("a1", "gone", 1)], RejectionReason.PARENT_MISSING),
    ],
)
def test_a_cycle_and_a_parent_that_is_not_there_are_refused(
    links: list[tuple[str, str, int]], reason: RejectionReason
) -> None:
    assert refused(case.read, package(ITEMS, links)) is reason


def test_a_very_long_chain_of_items_is_answered() -> None:
    names = [f"n{number}" for number in range(5000)]
    links = [(name, above, 1) for above, name in zip(["doc", *names], names, strict=False)]
    assert len(case.read(package(dict.fromkeys(names, "Texte"), links)).blocks) == 1


def test_a_flat_list_is_one_block_to_cut_and_an_item_twice_is_refused() -> None:
    entry = sound(case.read(package({"a": "Compter", "b": "Ranger"}, [("a", "doc", 1), ("b", "doc", 2)])))
    assert [len(block.competencies) for block in entry.blocks] == [2]
    assert DoubtCode.FRAMEWORK_WITHOUT_BLOCKS in codes(entry, "blocks.1")
    assert refused(case.read, package({"doc": "Compter"}, [])) is RejectionReason.IDENTIFIER_TWICE


# Mahara.


def matrix(elements: list[dict[str, Any]], **changes: Any) -> bytes:
    standards = [
        {"shortname": "1", "name": "Tenir", "standardid": 1},
        {"shortname": "2", "name": "Ouvrir", "standardid": 2},
    ]
    return json.dumps(
        {"framework": {"name": "Métier", "standards": standards, "standardelements": elements, **changes}}
    ).encode()


def element(standard: int | str, identifier: str, name: str, **changes: Any) -> dict[str, Any]:
    return {"standardid": standard, "elementid": identifier, "name": name, **changes}


def test_a_matrix_is_read_with_its_inner_elements_as_headings() -> None:
    elements = [
        element(1, "1.1", "Partie"),
        element(1, "1.1.1", "Compter", parentelementid="1.1"),
        element(1, "1.1.2", "Ranger", parentid="1.1"),
        element("2", "2.1", "Vendre", parentid="undefined"),
        element(2, "2.1", "Vendre"),
    ]
    data = matrix(elements)
    assert mahara_matrix.recognises(data)
    entry = sound(mahara_matrix.read(data))
    assert [[competency.text for competency in block.competencies] for block in entry.blocks] == [
        ["Compter", "Ranger"],
        ["Vendre"],
    ]
    assert DoubtCode.HEADING_SET_ASIDE in codes(entry, "blocks.1")
    assert DoubtCode.COMPETENCY_WRITTEN_TWICE in codes(entry, "blocks.2")


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ([element(1, "1.1", "a", parentelementid="9")], RejectionReason.PARENT_MISSING),
        ([element(3, "3.1", "a")], RejectionReason.PARENT_MISSING),
        ([element(1, "1", "a", parentid="2"), element(1, "2", "b", parentid="1")], RejectionReason.CYCLE),
        ([element(1, "1.1", "a")], RejectionReason.BLOCK_WITHOUT_COMPETENCY),
    ],
)
def test_a_matrix_with_a_lost_parent_or_a_loop_is_refused(
    elements: list[dict[str, Any]], reason: RejectionReason
) -> None:
    assert refused(mahara_matrix.read, matrix(elements)) is reason


# JSON that is too much, or another thing.


@pytest.mark.parametrize("reader", JSON_READERS)
@pytest.mark.parametrize(
    ("inner", "reason"),
    [
        ("[" * 100_000, RejectionReason.JSON_TOO_DEEP),
        ("[" * 39 + "]" * 39, None),
        ("NaN", RejectionReason.JSON_NOT_FINITE),
        ("-Infinity", RejectionReason.JSON_NOT_FINITE),
        ('{"a": 1, "a": 2}', RejectionReason.JSON_DUPLICATE_KEY),
        ("9" * 5000, RejectionReason.JSON_BROKEN),
        ('"' + '\\"' * 200_000, RejectionReason.JSON_BROKEN),
        ("[" + "0," * bounded_json.MAX_VALUES + "0]", RejectionReason.TOO_MANY_ITEMS),
        ('"' + "a" * bounded_json.MAX_BYTES + '"', RejectionReason.JSON_TOO_LARGE),
    ],
)
def test_json_out_of_bounds_is_refused_with_a_sentence(reader: Any, inner: str, reason: RejectionReason | None) -> None:
    found = refused(reader.read, f'{{"x": {inner}}}'.encode())
    assert reason is None or found is reason


@pytest.mark.parametrize(
    "data",
    [b"{}", b"[]", b'{"a": 1}', b"[1, null]", b'{"CFDocument": 3}', b'{"framework": []}', b'{"fiches": 2}', b"{"],
)
@pytest.mark.parametrize("reader", JSON_READERS)
def test_json_of_another_kind_is_refused_with_a_sentence(reader: Any, data: bytes) -> None:
    assert refused(reader.read, data)


def test_json_that_no_reader_knows_is_named_and_a_text_in_brackets_is_no_json() -> None:
    assert bounded_json.recognises(b'{"a": 1}')
    assert refused(bounded_json.read, b'{"a": 1}') is RejectionReason.JSON_OF_ANOTHER_KIND
    assert refused(bounded_json.read, b'{"a": 1') is RejectionReason.JSON_BROKEN
    assert not bounded_json.recognises(b"[Fiche] Code RNCP : 12345")


def test_damaged_json_is_read_or_refused_but_never_fails() -> None:
    chance = random.Random(13)
    values: list[Any] = [None, 3, -1.5, "x", "\x00\ud800", [], {}, True, [None], {"a": 1}]

    def damaged(value: Any) -> Any:
        if chance.random() < 0.06:
            return chance.choice(values)
        if isinstance(value, dict):
            return {key: damaged(one) for key, one in value.items() if chance.random() > 0.03}
        return [damaged(one) for one in value] if isinstance(value, list) else value

    elements = [element(1, "1.1", "Compter"), element(2, "2.1", "Vendre", parentid="1.1")]
    sources = [(api_v2, answer(fiche())), (case, package(ITEMS, LINKS)), (mahara_matrix, matrix(elements))]
    for _ in range(400):
        for reader, source in sources:
            assert answered(reader.read, json.dumps(damaged(json.loads(source))).encode())


# The public page.

PAGE = """RNCP40344 - Responsable d’atelier

Active
L'essentiel
Nomenclature du niveau de qualification
Niveau 6
Code(s) NSF
326 : Informatique
Date d’échéance de l’enregistrement
31-01-2028
Certificateur(s)
Nom légal\tSiret\tNom commercial\tSite internet
ÉCOLE DU MIEL\t12345678200002\t-\t-
Résumé de la certification
Compétences attestées :
Compter
Blocs de compétences
RNCP40344BC01 - Tenir l’atelier
Liste de compétences\tModalités d'évaluation
- Compter les outils
- Ranger l’atelier\tOral devant un jury
RNCP40344BC02 - Ouvrir l’atelier
Liste de compétences\tModalités d'évaluation
Accueillir
Vendre\tMise en situation
Description des modalités d'acquisition de la certification par capitalisation des blocs de compétences
Tous les blocs.
Code(s) ROME :
E1103 - Communication
Voie d’accès
Validité des composantes acquises
Voie d’accès à la certification\tOui\tNon\tComposition des jurys\tDate de dernière modification
Après un parcours de formation sous statut d’élève ou d’étudiant\t\tX\t-\t
En contrat d’apprentissage\tX\t\tDeux experts\t01-02-2025
Par expérience\tX\t\tJury composé de 2 membres :
- un président
- un formateur\t01-02-2025
Inscrite au cadre de la Nouvelle Calédonie\t\tX
Base légale
Date de décision\t01-02-2025
Certification(s) antérieure(s) :
RNCP30000 Responsable d’atelier
"""


def test_a_pasted_page_is_read_with_its_tables() -> None:
    assert public_page.recognises(PAGE.encode())
    entry = sound(public_page.read(PAGE.encode()))
    assert (entry.code, entry.title, entry.level) == ("RNCP40344", "Responsable d’atelier", "6")
    assert [
        (block.title, [competency.text for competency in block.competencies], block.assessments)
        for block in entry.blocks
    ] == [
        ("Tenir l’atelier", ["Compter les outils", "Ranger l’atelier"], ("Oral devant un jury",)),
        ("Ouvrir l’atelier", ["Accueillir", "Vendre"], ("Mise en situation",)),
    ]
    states = {route.route: route.open for route in entry.routes}
    assert (states[Route.INITIAL_TRAINING], states[Route.APPRENTICESHIP], states[Route.VAE]) == (False, True, True)
    assert states[Route.INDIVIDUAL] is None
    assert entry.jury is not None
    assert entry.jury.seats == (Seat.PRESIDENT, Seat.TEACHER_TRAINER)
    assert [(str(registration.since), str(registration.until)) for registration in entry.registrations] == [
        ("2025-02-01", "2028-01-31")
    ]
    assert (entry.certifiers, entry.nsf, entry.rome, entry.predecessor) == (
        ("ÉCOLE DU MIEL",),
        ("326",),
        ("E1103",),
        "RNCP30000",
    )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_pasted_page_is_read_in_each_encoding(encoding: str) -> None:
    assert public_page.recognises(PAGE.encode(encoding))
    assert public_page.read(PAGE.encode(encoding)) == public_page.read(PAGE.encode())


def test_a_page_whose_tabs_are_lost_leaves_its_routes_unknown() -> None:
    entry = sound(public_page.read(PAGE.replace("\t", " ").encode()))
    assert {route.open for route in entry.routes} == {None}
    assert DoubtCode.PAGE_COLUMNS_LOST in codes(entry, "blocks.1")


def test_a_page_without_blocks_is_refused_and_the_older_form_is_not_taken_for_it() -> None:
    assert refused(public_page.read, PAGE.replace("40344BC", "40344-").encode()) is RejectionReason.NOT_AN_ENTRY
    assert refused(public_page.read, PAGE.replace("BC02", "BC01").encode()) is RejectionReason.BLOCK_CODE_TWICE
    assert not public_page.recognises(entry_text(SAMPLE).encode())
    assert not public_page.recognises(b"Bonjour, voici mon CV.")


# The CSV export.


def csv_zip() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for part in ("Standard", "Blocs_De_Compe\u0301tences", "VoixdAcce\u0300s"):
            archive.writestr(f"export_fiches_CSV_{part}_2026_08_16.csv", '"Numero_Fiche"\r\n')
    return made.getvalue()


def test_the_csv_export_is_recognised_and_opens_no_certification() -> None:
    assert formats.recognises(csv_zip())
    assert formats.recognises(b'"Numero_Fiche";"Bloc_Competences_Code"\r\n')
    with pytest.raises(UnreadableEntry) as caught:
        formats.read(csv_zip())
    assert caught.value.reason is RejectionReason.IS_CSV_EXPORT
    assert "Blocs De Compétences" in refusal_message(caught.value)
    assert refused(formats.read, csv_zip()[:-60]) is RejectionReason.ARCHIVE_BROKEN


def test_each_reader_recognises_its_own_format_only() -> None:
    elements = [element(1, "1.1", "Compter"), element(2, "2.1", "Vendre")]
    files = [answer(fiche()), package(ITEMS, LINKS), matrix(elements), PAGE.encode(), csv_zip()]
    for index, data in enumerate(files):
        assert [reader.recognises(data) for reader in READERS] == [place == index for place in range(len(READERS))]
    for reader in READERS:
        assert not any(
            reader.recognises(data) for data in (b"", b"\x00" * 50, b"<FICHES/>", entry_text(SAMPLE).encode())
        )


def test_the_whole_entry_of_an_answer_is_kept() -> None:
    entry = sound(
        api_v2.read(
            answer(
                fiche(
                    SECTEURS_ACTIVITE="Artisanat",
                    PREREQUIS_VALIDATION_CERTIFICATION="Permis B",
                    ACCESSIBLE_NOUVELLE_CALEDONIE="Non",
                    CODES_ROME=[{"CODE": "E1103", "LIBELLE": "Communication"}],
                    PARTENAIRES=[
                        {
                            "NOM_PARTENAIRE": "Rucher",
                            "HABILITATION_PARTENAIRE": "HABILITATION_FORMER",
                            "ETAT_HABILITATION": "Actif",
                        }
                    ],
                    STATISTIQUES_PROMOTIONS=[{"ANNEE": "2024", "NOMBRE_CERTIFIES": 12}],
                )
            )
        )
    )
    details = entry.details
    assert details is not None
    assert {passage.name: passage.text for passage in details.passages} == {
        "SECTEURS_ACTIVITE": "Artisanat",
        "PREREQUIS_VALIDATION_CERTIFICATION": "Permis B",
    }
    assert (details.new_caledonia, details.french_polynesia) == (False, None)
    assert [str(labelled) for labelled in details.rome] == ["E1103 Communication"]
    assert [(partner.name, partner.habilitation) for partner in details.partners] == [("Rucher", Habilitation.TRAIN)]
    assert [(statistic.year, statistic.holders) for statistic in details.statistics] == [("2024", 12)]


def test_the_whole_entry_of_a_pasted_page_is_kept() -> None:
    page = PAGE.replace(
        "Code(s) ROME :",
        "Secteurs d’activités :\nArtisanat d’art\nType d'emplois accessibles :\nChef d’atelier\nCode(s) ROME :",
    )
    details = sound(public_page.read(page.encode())).details
    assert details is not None
    passages = {passage.name: passage.text for passage in details.passages}
    assert (passages["CAPACITES_ATTESTEES"], passages["SECTEURS_ACTIVITE"]) == ("Compter", "Artisanat d’art")
    assert passages["TYPE_EMPLOI_ACCESSIBLES"] == "Chef d’atelier"
    assert (details.new_caledonia, details.french_polynesia) == (False, None)
    assert [str(labelled) for labelled in details.nsf] == ["326 Informatique"]
    assert [str(labelled) for labelled in details.rome] == ["E1103 Communication"]
    assert details.predecessors == ("RNCP30000",)
    assert [(certifier.name, certifier.siret) for certifier in details.certifiers] == [
        ("ÉCOLE DU MIEL", "12345678200002")
    ]
