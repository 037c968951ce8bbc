"""The reference certification, RNCP 16959, read from its real text (ACQUIS_FICHES names the folder)."""

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import date
from pathlib import Path

import pytest

from demo import builder
from portfolio.domain.assessment.rules import RetryRule, retry_in
from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Permanence, Registration, Route, SiteKind
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from portfolio.domain.certification.rules.publication import publication_errors
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry, registration_covering
from portfolio.wording.certification import doubt_message

WORDINGS = {
    (1, 1): "Accompagner la transition digitale en interne et à l’externe",
    (1, 2): "Organiser et suivre l’ensemble des opérations d’un projet",
    (2, 1): (
        "Créer une offre de service digital répondant aux objectifs stratégiques, aux contraintes techniques, "
        "budgétaires et de planning"
    ),
    (2, 2): "Évaluer les ressources humaines nécessaires",
    (2, 3): "Recueillir et utiliser les données d’usage pour son offre de service",
    (3, 1): "Organiser sa veille et sa recherche, en français et en anglais",
    (3, 2): (
        "Définir et défendre une stratégie d’offre de services originale et pertinente au regard du contexte, du marché et des usages"
    ),
    (3, 3): (
        "Élaborer une stratégie de communication et marketing digital, son modèle économique, son budget et les plans d’actions"
    ),
    (4, 1): (
        "Définir une politique d’implantation sur les supports digitaux et les réseaux sociaux et organiser tous les moyens"
    ),
    (4, 2): "Produire et décliner les contenus en fonction des canaux digitaux retenus",
    (4, 3): "Sélectionner et contracter avec les partenaires, prestataires",
}


@pytest.fixture(scope="module")
def entry(fiches: Path) -> Entry:
    return read_entry((fiches / "rncp-16959.txt").read_bytes(), "rncp-16959.txt")


def doubts_at(entry: Entry, where: str) -> list[DoubtCode]:
    return [doubt.what for doubt in entry.doubts if doubt.where == where]


def test_the_eleven_competencies_have_the_wording_of_their_block(entry: Entry) -> None:
    assert {
        (block.number, competency.number): competency.text
        for block in entry.blocks
        for competency in block.competencies
    } == WORDINGS


def test_the_four_blocks_have_their_titles(entry: Entry) -> None:
    assert [block.title for block in entry.blocks] == [
        "Piloter un dispositif digital",
        "Définir les solutions techniques d’un projet digital",
        "Définir une stratégie digitale",
        "Déployer un dispositif digital de communication et marketing",
    ]


def test_only_two_wordings_differ_and_both_are_doubted(entry: Entry) -> None:
    aliases = {
        (block.number, competency.number): competency.alias
        for block in entry.blocks
        for competency in block.competencies
        if competency.alias
    }
    assert aliases == {
        (2, 3): "Recueillir et utiliser les données d’usage pour compléter ou parfaire son offre de service",
        (3, 2): "Définir et défendre une stratégie d’offre de services originale et pertinente",
    }
    assert [doubt.where for doubt in entry.doubts if doubt.what is DoubtCode.OTHER_WORDING] == [
        "blocks.2.competencies.3",
        "blocks.3.competencies.2",
    ]


def test_the_third_block_has_two_practical_cases_the_others_one(entry: Entry) -> None:
    assert [len(block.assessments) for block in entry.blocks] == [1, 1, 2, 1]
    first, second = entry.blocks[2].assessments
    assert first.startswith("Cas pratique n°1 à partir d’une problématique")
    assert second.startswith("Cas pratique n°2 : Le /la candidat/e devra conduire une veille")
    assert "mécanismes de reporting" in entry.blocks[0].assessments[0]


def test_the_first_block_alone_does_not_state_its_certificate(entry: Entry) -> None:
    assert [block.certificate_stated for block in entry.blocks] == [False, True, True, True]
    assert doubts_at(entry, "blocks.1.certificate_stated") == [DoubtCode.CERTIFICATE_NOT_STATED]
    assert entry.permanence is Permanence.UNLIMITED


def test_the_four_registrations_stand_in_the_order_of_their_dates(entry: Entry) -> None:
    assert entry.registrations == (
        Registration(
            "Directeur de projets en édition et communication numériques",
            "Arrêté du 8 juillet 2009 publié au Journal Officiel du 21 juillet 2009",
            date(2009, 7, 21),
            date(2011, 7, 21),
        ),
        Registration(
            "Expert en stratégie digitale",
            "Arrêté du 24 mai 2013 publié au Journal Officiel du 16 juin 2013",
            date(2011, 7, 21),
            date(2016, 6, 16),
        ),
        Registration(
            "Expert(e) en stratégie digitale",
            "Arrêté du 26 septembre 2016 publié au Journal Officiel du 04 octobre 2016",
            date(2016, 6, 16),
            date(2018, 10, 4),
        ),
        Registration(
            "Expert en stratégie digitale",
            "Arrêté du 27 décembre 2018 publié au Journal Officiel du 4 janvier 2019",
            date(2018, 10, 4),
            date(2022, 1, 4),
        ),
    )
    assert entry.registered_until == date(2022, 1, 4)
    assert registration_covering(entry.registrations, date(2022, 1, 4)) == entry.registrations[3]
    assert registration_covering(entry.registrations, date(2022, 1, 5)) is None


def test_the_certifier_must_choose_between_the_titles(entry: Entry) -> None:
    assert entry.title == "Expert(e) en stratégie digitale"
    assert entry.titles_seen == (
        "Expert(e) en stratégie digitale",
        "Expert en stratégie digitale",
        "Directeur de projets en édition et communication numériques",
    )
    assert doubts_at(entry, "title") == [DoubtCode.TITLES_DIFFER]


def test_five_routes_are_open_and_the_sixth_is_unknown(entry: Entry) -> None:
    assert {route.route: route.open for route in entry.routes} == {
        Route.INITIAL_TRAINING: True,
        Route.APPRENTICESHIP: True,
        Route.CONTINUING_TRAINING: True,
        Route.PROFESSIONALISATION: True,
        Route.INDIVIDUAL: None,
        Route.VAE: True,
    }
    assert doubts_at(entry, "routes.individual") == [DoubtCode.ROUTE_UNKNOWN]
    assert doubts_at(entry, "territories.new_caledonia") == [DoubtCode.TERRITORY_UNKNOWN]
    assert doubts_at(entry, "territories.french_polynesia") == [DoubtCode.TERRITORY_UNKNOWN]
    assert len({route.jury for route in entry.routes if route.open}) == 1


def test_the_jury_has_five_seats_and_two_minimum_shares(entry: Entry) -> None:
    seats = (
        Seat.PRESIDENT,
        Seat.EMPLOYEE_REPRESENTATIVE,
        Seat.DIRECTOR_OR_DELEGATE,
        Seat.TEACHER_TRAINER,
        Seat.PEDAGOGICAL_MANAGER,
    )
    assert entry.jury == JuryRule(5, seats, 0.4, 0.4)


def test_the_head_is_read_and_its_lost_columns_are_doubted(entry: Entry) -> None:
    assert (entry.code, entry.level, entry.level_1969, entry.nsf) == ("RNCP16959", "7", "I", ("326",))
    assert entry.rome == ("E1103", "E1104", "E1105", "M1705", "M1802")
    assert entry.certifiers == ("ECAD Consultant", "IESA Multimédia")
    assert entry.signatory == "Directeur de l'IESA Multimédia"
    assert doubts_at(entry, "certifiers") == [DoubtCode.CERTIFIERS_COLUMN_LOST]
    assert entry.predecessor == "RNCP9052"


def test_deliverables_and_defence_are_whole_in_spite_of_the_page_break(entry: Entry) -> None:
    assert entry.deliverables == (
        "Description du contexte et des objectifs.",
        "Développement de la stratégie au travers de différentes solutions digitales et budgétaires.",
        "Cahier des charges et prototypage",
        "Plan de communication digitale et marketing",
    )
    assert entry.defence is not None
    assert "30 minutes" in entry.defence
    assert entry.defence.endswith("20 minutes avec le jury de certification.")


def test_sites_keep_their_kind_and_holders_their_site(entry: Entry) -> None:
    assert [site.kind for site in entry.sites] == [SiteKind.CERTIFICATION] * 2 + [SiteKind.PREPARATION] * 9
    assert entry.sites[1].site.endswith("Rue Lucien Faure- 33000 Bordeaux")
    assert "Entrée Hall B" in entry.sites[9].site
    assert {site.declared_by for site in entry.sites[2:]} == {"ECAD consultants IESA", "ESGCV-Digital Campus"}
    assert [(holders.site, holders.holders) for holders in entry.holders_per_year][:2] == [
        ("IESA multimédia", 70),
        ("IICP", 22),
    ]
    assert sum(holders.holders for holders in entry.holders_per_year) == 232


@pytest.mark.parametrize(
    "change",
    [
        lambda text: re.sub(r"\n[ \t]*(?=\n)", "", text),
        lambda text: text.replace("\n", "\n\n"),
        lambda text: "\r\n".join(line.strip() for line in text.split("\n")),
        lambda text: text.replace("•", "-"),
        lambda text: text.replace("\n\n\n", "\n\f 3/7 \n\n"),
        lambda text: unicodedata.normalize("NFD", text),
    ],
    ids=["no blank line", "only blank lines", "trimmed", "dashes", "pages", "decomposed"],
)
def test_another_way_out_of_the_pdf_reads_the_same(fiches: Path, entry: Entry, change: Callable[[str], str]) -> None:
    other = read_entry(change((fiches / "rncp-16959.txt").read_text()).encode(), "autre.txt")
    same = [(route.route, route.open) for route in entry.routes]
    assert [(route.route, route.open) for route in other.routes] == same
    # The jury keeps the bullets it was written with.
    assert replace(other, routes=()) == replace(entry, routes=())


def test_nothing_that_the_pdf_dropped_between_lines_remains(entry: Entry) -> None:
    told = str(entry_as_json(entry, sentence=doubt_message))
    assert "http" not in told
    assert "\u00ad" not in told


def test_it_can_be_published_as_read(entry: Entry) -> None:
    assert publication_errors(entry) == []


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("france-competences-v4.1-sample.xml", RejectionReason.SEVERAL_ENTRIES),
        ("README.md", RejectionReason.NOT_AN_ENTRY),
        ("france-competences-v4.1-element-paths.txt", RejectionReason.NOT_AN_ENTRY),
    ],
)
def test_its_neighbours_are_refused(fiches: Path, name: str, reason: RejectionReason) -> None:
    with pytest.raises(UnreadableEntry) as caught:
        read_entry((fiches / name).read_bytes(), name)
    assert caught.value.reason is reason


@pytest.mark.slow
def test_any_line_can_be_lost_without_a_failure(fiches: Path) -> None:
    lines = (fiches / "rncp-16959.txt").read_text().split("\n")
    for at in range(0, len(lines), 7):
        for damaged in (lines[:at], lines[:at] + lines[at + 1 :], lines[at:]):
            try:
                read_entry("\n".join(damaged).encode(), "fiche.txt")
            except UnreadableEntry:
                continue


def test_the_paragraphs_of_the_composition_are_kept_and_no_heading_is_a_value(entry):
    passages = {passage.name: passage.text for passage in entry.details.passages}
    assert passages["COMPOSANTES"].startswith("À partir d’un projet réel")
    assert passages["CAS_PRATIQUE"].startswith("Cas pratique")
    assert passages["OBTENTION_PARTIELLE"].endswith("jury de la promotion N+1.")
    assert "livret de preuves" in passages["VAE"]
    assert not [text for text in passages.values() if "ACCORDS EUROPÉENS" in text]
    assert retry_in(entry) is RetryRule.NEXT_COHORT


def test_the_entry_of_the_demonstration_has_all_that_the_reader_reads(entry):
    told = entry_from_json(json.loads(builder.ENTRY.read_text("utf-8")))
    for name in (field.name for field in fields(entry)):
        if name not in ("title", "certifying_title"):  # what the body itself answered
            assert getattr(told, name) == getattr(entry, name), name
