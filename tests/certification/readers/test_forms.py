"""The same form as other certifiers fill it in: other juries, lists, acts, routes and labels."""

from collections.abc import Sequence
from datetime import date

import pytest

from portfolio.domain.certification.readers.cncp_text import read
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Permanence, Route
from portfolio.domain.certification.rules.jury_rule import JuryRule, Seat
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.writing import Style, entry_text

TEXT = entry_text(SAMPLE, Style(curly=False))
SECOND_BLOCK = TEXT[TEXT.index("Bloc de compétence n°2") : TEXT.index("Validité des composantes")]


def with_second_block(body: str) -> Entry:
    return read(
        TEXT.replace(SECOND_BLOCK, f"Bloc de compétence n°2 de la fiche n° 12345 - Ouvrir l'atelier\n{body}\n\n")
    )


def texts(entry: Entry) -> list[str]:
    return [competency.text for competency in entry.blocks[1].competencies]


def codes(entry: Entry, where: str) -> list[DoubtCode]:
    return [doubt.what for doubt in entry.doubts if doubt.where.startswith(where)]


P, EE, ER, DIR, TEACHER, MANAGER, EXT = (
    Seat.PRESIDENT, Seat.EMPLOYEE_REPRESENTATIVE, Seat.EMPLOYER_REPRESENTATIVE, Seat.DIRECTOR_OR_DELEGATE,
    Seat.TEACHER_TRAINER, Seat.PEDAGOGICAL_MANAGER, Seat.EXTERNAL_PROFESSIONAL,
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "Jury composé de 4 membres :\n- un président, professionnel du secteur\n- un formateur\n- un représentant des salariés\n"
            "- un représentant des employeurs\n50 % des membres sont extérieurs à l'organisme",
            JuryRule(4, (P, TEACHER, EE, ER), 0.5, None),
        ),
        (
            "Le jury est composé de trois personnes : un président, deux professionnels. La moitié des membres sont externes.",
            JuryRule(3, (P, EXT, EXT), 0.5, None),
        ),
        (
            "Le jury comprend 4 (quatre) membres : le président, un enseignant et deux représentants des salariés\n"
            "Un quart au moins de représentants qualifiés des professions",
            JuryRule(4, (P, TEACHER, EE, EE), None, 0.25),
        ),
        (
            "Le président du jury est un professionnel.\nLe jury est composé d'au moins 2 membres dont un extérieur :\n"
            "• Le président\n• Le responsable de\nla formation\n33,5 % de membres extérieurs et 66 % de représentants des professions",
            JuryRule(2, (P, MANAGER), 0.335, 0.66),
        ),
        ("Un jury de 3 à 5 membres :\n• un président\n• un directeur", JuryRule(2, (P, DIR), None, None)),
        (
            "5 membres dont deux extérieurs :\nLe président\nUn formateur\nLa directrice de l'école\nUn expert\nUn professionnel",
            JuryRule(5, (P, TEACHER, DIR, EXT, EXT), 0.4, None),
        ),
        ("Professionnels extérieurs : 60 %, représentants des salariés : 40 %", JuryRule(None, (), 0.6, 0.4)),
        (
            "Le jury comprend un président, deux membres extérieurs et un formateur. Deux membres sur quatre sont extérieurs.",
            JuryRule(None, (), 0.5, None),
        ),
        ("Jury composé de 4 membres, dont un externe. Quarante pour cent de salariés.", JuryRule(4, (), 0.25, 0.4)),
        ("Jury nommé par le recteur", JuryRule(None, (), None, None)),
    ],
)
def test_a_jury_is_read_in_the_words_of_each_certifier(text: str, rule: JuryRule) -> None:
    assert jury_rule_of(text)[0] == rule


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Jury de 3 à 5 membres :\n• un président\n• un directeur", DoubtCode.JURY_SIZE_UNKNOWN),
        ("Jury composé d'au moins 2 membres :\n• un président\n• un directeur", DoubtCode.JURY_SIZE_READ_FROM_MINIMUM),
        ("Jury composé de 3 membres :\n• un président\n• un directeur", DoubtCode.JURY_SIZE_DIFFERS),
        ("Jury composé de 2 membres :\n• un président\n• une personnalité reconnue", DoubtCode.JURY_SEAT_UNKNOWN),
        ("Jury composé de 2 membres :\n• un président\n• un directeur", DoubtCode.JURY_RATIO_UNKNOWN),
    ],
)
def test_what_a_jury_does_not_tell_is_doubted_not_guessed(text: str, expected: DoubtCode) -> None:
    assert expected in [doubt.what for doubt in jury_rule_of(text)[1]]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("\nCompétences évaluées :\n- Accueillir ;\n- Vendre.\n\nModalité d'évaluation : oral", ["Accueillir", "Vendre"]),
        ("\nCompétences :\n1. Accueillir\n2. Vendre\nModalités d'évaluation : oral", ["Accueillir", "Vendre"]),
        ("\nCompétences :\nC2.1 Accueillir\nC2.2 Vendre\nEvaluation : oral", ["Accueillir", "Vendre"]),
        ("• Accueillir\n• Vendre\nModalités d'évaluation : oral", ["Accueillir", "Vendre"]),
        ("\nDescriptif :\nAccueillir\nVendre\nModalités d'évaluation : oral", ["Accueillir", "Vendre"]),
        ("\nLe titulaire est capable de :\n• Accueillir\n• Vendre\n\nModalités d'évaluation : oral", ["Accueillir", "Vendre"]),
        ("\nCapacités attestées :\naccueillir ;\nvendre ;\nModalités d'évaluation : oral", ["accueillir", "vendre"]),
        ("\nCompétences :\n• Accueillir\nles clients\n\net leurs proches\n\n• Vendre, livrer, etc.\n", ["Accueillir les clients et leurs proches", "Vendre, livrer, etc."]),
        ("\nCompétences :\n• Accueillir :\n- les clients\n- leurs proches\n• Vendre\n", ["Accueillir : - les clients - leurs proches", "Vendre"]),
        ("\nCompétences :\n• Accueillir\n\nINTITULÉ DESCRIPTIF ET MODALITÉS D'ÉVALUATION\n• Vendre", ["Accueillir", "Vendre"]),
    ],
)  # fmt: skip
def test_competencies_are_told_apart_however_they_are_listed(body: str, expected: list[str]) -> None:
    assert texts(with_second_block(body)) == expected


def test_a_list_without_bullets_is_read_line_by_line_with_a_doubt() -> None:
    entry = with_second_block(
        "\nCompétences :\nAccueillir les clients de\nl'atelier\nÉtablir un devis\n\nModalité d'évaluation : oral"
    )
    assert texts(entry) == ["Accueillir les clients de l'atelier", "Établir un devis"]
    assert DoubtCode.COMPETENCIES_WITHOUT_BULLETS in codes(entry, "blocks.2")


def test_prose_after_the_list_is_not_slipped_into_a_competency() -> None:
    entry = with_second_block(
        "\nCompétences :\n• Accueillir\n• Vendre.\n\nCes compétences sont exercées en atelier.\n\nModalité d'évaluation : oral"
    )
    assert texts(entry) == ["Accueillir", "Vendre"]
    assert ("Ces compétences sont exercées en atelier.",) in [
        d.facts for d in entry.doubts if d.what is DoubtCode.TEXT_SET_ASIDE
    ]


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ("Étude de cas n°1 : un devis. Étude de cas n°2 : une vente.", ["Étude de cas n°1 : un devis.", "Étude de cas n°2 : une vente."]),
        ("\n- Un oral\n- Un écrit", ["Un oral", "Un écrit"]),
        ("Cas pratique n°1 : un devis, que le cas pratique n°1 complète.", ["Cas pratique n°1 : un devis, que le cas pratique n°1 complète."]),
        ("mise en situation :\n- un devis\n- une vente", ["mise en situation : un devis une vente"]),
    ],
)  # fmt: skip
def test_each_numbered_case_is_an_assessment_of_its_own(told: str, expected: list[str]) -> None:
    entry = with_second_block(f"\nCompétences :\n• Vendre\n\nModalité d'évaluation : {told}\n")
    assert list(entry.blocks[1].assessments) == expected


def test_a_block_that_says_to_be_of_another_entry_is_doubted() -> None:
    entry = read(
        TEXT.replace("n°2 de la\nfiche n° 12345", "n°2 de la\nfiche n° 54321").replace(
            "n°2 de la fiche n° 12345", "n°2 de la fiche n° 54321"
        )
    )
    assert DoubtCode.BLOCK_OF_OTHER_ENTRY in codes(entry, "blocks.2")


def test_missing_and_repeated_blocks_are_doubted() -> None:
    entry = read(
        TEXT.replace("compétence n°2", "compétence n°4").replace(
            "En cas d'obtention", "Les trois blocs de compétences sont requis. En cas d'obtention"
        )
    )
    assert [block.number for block in entry.blocks] == [1, 4]
    assert {DoubtCode.BLOCK_NUMBERING, DoubtCode.BLOCK_COUNT_DIFFERS} <= set(codes(entry, "blocks"))


def test_the_code_is_taken_from_the_blocks_when_the_head_is_lost() -> None:
    entry = read(TEXT.replace("Code RNCP : 12345", ""))
    assert entry.code == "RNCP12345"
    assert codes(entry, "code") == [DoubtCode.CODE_DEDUCED]


def with_act(act: str) -> Entry:
    start, end = TEXT.index("Arrêté du 2 mai 2012"), TEXT.index("Référence du décret et/ou")
    return read(TEXT[:start] + act + "\n" + TEXT[end:])


@pytest.mark.parametrize(
    ("act", "dates", "expected"),
    [
        (
            "Arrêté du 2 mai 2012 publié au Journal Officiel du 1er juin 2012 portant enregistrement au répertoire. "
            "Enregistrement pour cinq ans, au niveau II, sous l'intitulé Responsable d'atelier avec effet au 1er mai 2012, jusqu'au 1er juin 2017.",
            (date(2012, 5, 1), date(2017, 6, 1)),
            [],
        ),
        (
            "Arrêté du 2 mai 2012 publié au JO du 12/05/2012 portant enregistrement. Enregistrement pour 3 ans, au niveau II, sous "
            "l'intitulé « Responsable d'atelier ».",
            (date(2012, 5, 12), date(2015, 5, 12)),
            [DoubtCode.REGISTRATION_START_DEDUCED, DoubtCode.REGISTRATION_END_DEDUCED],
        ),
        (
            "Arrêté du 2 mai 2012 publié au Journal Officiel du 29 février 2012 portant enregistrement. Enregistrement pour trois ans, "
            "sous l'intitulé \"Responsable d'atelier\" avec effet au 29 février 2012, jusqu'au 31 décembre 2016.",
            (date(2012, 2, 29), date(2016, 12, 31)),
            [DoubtCode.REGISTRATION_DURATION_DIFFERS],
        ),
        (
            "Arrêté du 2 mai 2012 portant enregistrement sous l'intitulé Responsable d'atelier jusqu'au 31 février 2016.",
            (None, None),
            [DoubtCode.REGISTRATION_DATE_IMPOSSIBLE, DoubtCode.REGISTRATION_DATES_MISSING],
        ),
        ("Décret n° 2004-171 du 19 février 2004 relatif au répertoire.", None, [DoubtCode.SECTION_MISSING]),
    ],
)
def test_an_act_gives_its_dates_and_what_is_deduced_is_told(
    act: str, dates: Sequence[date | None] | None, expected: list[DoubtCode]
) -> None:
    entry = with_act(act)
    assert [(registration.since, registration.until) for registration in entry.registrations] == (
        [dates] if dates else []
    )
    assert codes(entry, "registrations") == expected
    assert all(registration.title == "Responsable d'atelier" for registration in entry.registrations)


def test_a_gap_and_an_overlap_between_registrations_are_told() -> None:
    act = "Arrêté du 2 mai {0} publié au Journal Officiel du 1er juin {0} portant enregistrement sous l'intitulé X avec effet au 1er juin {0}, jusqu'au 1er juin {1}.\n"
    entry = with_act(act.format(2015, 2018) + act.format(2010, 2013) + act.format(2017, 2020))
    assert [registration.since.year for registration in entry.registrations if registration.since] == [2010, 2015, 2017]
    assert codes(entry, "registrations") == [DoubtCode.REGISTRATION_GAP, DoubtCode.REGISTRATION_OVERLAP]


@pytest.mark.parametrize(("written", "is_open"), [("OUI", True), ("NON", False), ("X", None), ("", None)])
def test_a_column_that_survived_is_believed_and_a_cross_is_not(written: str, is_open: bool | None) -> None:
    start, end = TEXT.index("Par candidature individuelle"), TEXT.index("Par expérience")
    entry = read(TEXT[:start] + f"Par candidature individuelle {written}\n\n" + TEXT[end:])
    individual = next(route for route in entry.routes if route.route is Route.INDIVIDUAL)
    assert individual.open is is_open
    assert (DoubtCode.ROUTE_UNKNOWN in codes(entry, "routes.individual")) is (is_open is None)


def test_a_route_nobody_mentions_is_unknown_not_closed() -> None:
    entry = read(TEXT.replace("En contrat d'apprentissage", "En contrat de travail"))
    assert {route.route: route.open for route in entry.routes}[Route.APPRENTICESHIP] is None
    assert DoubtCode.ROUTE_ABSENT in codes(entry, "routes.apprenticeship")


def test_a_jury_that_says_idem_is_the_one_above() -> None:
    start, end = TEXT.index("Par candidature individuelle"), TEXT.index("Par expérience")
    entry = read(TEXT[:start] + "Par candidature individuelle X Idem\n\n" + TEXT[end:])
    assert len({route.jury for route in entry.routes}) == 1
    assert all(route.open for route in entry.routes)


def test_a_jury_written_otherwise_for_one_route_is_doubted_and_the_vae_one_rules() -> None:
    start, end = TEXT.index("Par candidature individuelle"), TEXT.index("Par expérience")
    entry = read(
        TEXT[:start]
        + "Par candidature individuelle X Jury composé de 3 membres : un président, deux experts\n\n"
        + TEXT[end:]
    )
    assert entry.jury == SAMPLE.jury
    assert codes(entry, "routes.individual") == [DoubtCode.JURY_TEXTS_DIFFER]


@pytest.mark.parametrize(
    ("told", "permanence"),
    [
        ("illimitée", Permanence.UNLIMITED),
        ("5 an(s)", Permanence.LIMITED),
        ("cinq ans", Permanence.LIMITED),
        ("", None),
    ],
)
def test_the_permanence_is_what_the_entry_says(told: str, permanence: Permanence | None) -> None:
    assert read(TEXT.replace("acquises :  illimitée", f"acquises :  {told}")).permanence is permanence


@pytest.mark.parametrize(
    "line",
    [
        "Institut des Jardins - École du Miel Le directeur général",
        "Institut des Jardins - École du Miel Présidente de l'association",
    ],
)
def test_the_signatory_begins_where_a_quality_does(line: str) -> None:
    entry = read(TEXT.replace("École du Miel Directrice", line))
    assert entry.certifiers == ("Institut des Jardins", "École du Miel")
    assert line == f"Institut des Jardins - École du Miel {entry.signatory}"


def test_sections_that_are_missing_leave_unknowns_and_doubts_not_a_failure() -> None:
    start, end = TEXT.index("CONDITIONS D'INSCRIPTION"), TEXT.index("LIENS AVEC")
    entry = read(TEXT[:start] + TEXT[end:])
    assert entry.jury is None
    assert all(route.open is None for route in entry.routes)
    assert codes(entry, "jury") == [DoubtCode.JURY_MISSING]


def test_the_general_list_is_compared_only_when_it_is_one() -> None:
    start, end = TEXT.index("Tenir les comptes"), TEXT.index("Secteurs d'activité")
    entry = read(TEXT[:start] + "Exercer un métier.\nAimer la nature.\nParler aux abeilles.\n" + TEXT[end:])
    assert codes(entry, "general_list") == [DoubtCode.GENERAL_LIST_MISSING]
    assert not [competency.alias for block in entry.blocks for competency in block.competencies if competency.alias]


def test_a_competency_of_one_list_only_is_told() -> None:
    entry = read(TEXT.replace("Vendre \n", "Cultiver un potager \n", 1))
    assert DoubtCode.COMPETENCY_ONLY_IN_BLOCK in codes(entry, "blocks.2.competencies.2")
    assert ("Cultiver un potager",) in [d.facts for d in entry.doubts if d.what is DoubtCode.COMPETENCY_ONLY_IN_LIST]
