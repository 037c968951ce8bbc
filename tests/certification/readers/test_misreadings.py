"""Check what the reader of the old text form once misread without a word: each is now read rightly, or doubted."""

from datetime import date
from pathlib import Path

import pytest

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.readers.cncp_text import read
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of
from portfolio.domain.certification.rules.doubts import DoubtCode
from portfolio.domain.certification.rules.entry import Entry, Permanence, Route
from portfolio.domain.certification.rules.jury_rule import Seat
from portfolio.domain.certification.rules.registration import RejectionReason, UnreadableEntry
from portfolio.wording.certification import doubt_message, refusal_message
from tests.certification.readers.entries import SAMPLE
from tests.certification.readers.writing import Style, entry_text

TEXT = entry_text(SAMPLE, Style(curly=False))


def codes(entry: Entry, where: str = "") -> list[DoubtCode]:
    return [doubt.what for doubt in entry.doubts if doubt.where.startswith(where)]


def changed(old: str, new: str, *, times: int = 1) -> Entry:
    assert old in TEXT
    return read(TEXT.replace(old, new, times))


# How long a block stays acquired decides rights: it is never unlimited by default.


@pytest.mark.parametrize(
    ("told", "permanence", "doubt"),
    [
        ("illimitée, sauf le bloc 3 : trois ans", None, DoubtCode.PERMANENCE_MIXED),
        ("illimitée sauf pour le bloc 2", None, DoubtCode.PERMANENCE_MIXED),
        ("illimitée (bloc 3 : 36 mois)", None, DoubtCode.PERMANENCE_MIXED),
        ("non illimitée", Permanence.LIMITED, DoubtCode.PERMANENCE_LIMITED),
        ("limitée dans le temps", Permanence.LIMITED, DoubtCode.PERMANENCE_LIMITED),
        ("36 mois", Permanence.LIMITED, DoubtCode.PERMANENCE_LIMITED),
    ],
)
def test_a_validity_with_an_exception_is_not_unlimited(
    told: str, permanence: Permanence | None, doubt: DoubtCode
) -> None:
    entry = changed("acquises :  illimitée", f"acquises :  {told}")
    assert entry.permanence is permanence
    assert codes(entry, "permanence") == [doubt]


@pytest.mark.parametrize(
    "sentence",
    [
        "Ce bloc est valable trois ans.",
        "Le certificat reste acquis pendant 5 ans.",
        "Durée de validité du bloc : 36 mois.",
        "Il doit être revalidé tous les 3 ans.",
    ],
)
def test_a_block_that_is_valid_for_some_years_takes_the_unlimited_validity_away(sentence: str) -> None:
    entry = changed("Modalité d'évaluation : oral", f"Modalité d'évaluation : oral. {sentence}")
    assert entry.permanence is None
    assert DoubtCode.PERMANENCE_OF_BLOCK in codes(entry, "blocks.2")


def test_a_clause_that_limits_what_the_table_calls_unlimited_is_doubted() -> None:
    entry = changed(
        "En cas d'obtention partielle :", "Les blocs obtenus sont valables cinq ans. En cas d'obtention partielle :"
    )
    assert entry.permanence is None
    assert codes(entry, "permanence") == [DoubtCode.PERMANENCE_MIXED]


def test_years_of_experience_say_nothing_of_the_validity() -> None:
    entry = changed("En cas d'obtention partielle :", "Il faut trois ans d'expérience. En cas d'obtention partielle :")
    assert entry.permanence is Permanence.UNLIMITED


# Acts of registration.

ACT = TEXT[TEXT.index("Arrêté du 2 mai 2012") : TEXT.index("Référence du décret et/ou")].rstrip()


@pytest.mark.parametrize(
    "act",
    [
        "Arrêté du 3 mars 2014 publié au Journal Officiel du 10 mars 2014 portant abrogation de l'enregistrement au répertoire.",
        "Arrêté du 3 mars 2014 publié au Journal Officiel du 10 mars 2014 abrogeant l'arrêté du 2 mai 2012 portant enregistrement "
        "au répertoire, avec effet au 10 mars 2014, jusqu'au 10 mars 2019.",
    ],
)
def test_an_act_that_abrogates_is_no_registration(act: str) -> None:
    entry = changed(ACT, f"{ACT}\n{act}")
    assert [(registration.since, registration.until) for registration in entry.registrations] == [
        (date(2012, 5, 12), date(2015, 5, 12))
    ]
    assert codes(entry, "registrations") == [DoubtCode.ACT_ABROGATES]


def test_the_expiry_date_ends_the_last_act_that_has_no_end() -> None:
    open_ended = ACT.replace(",\njusqu'au 12 mai 2015", "").replace(
        "Enregistrement pour trois ans, au", "Enregistrement au"
    )
    entry = changed(ACT, f"{open_ended}\nDate d'échéance : 04-01-2016")
    assert [(registration.title, registration.until) for registration in entry.registrations] == [
        ("Responsable d'atelier", date(2016, 1, 4))
    ]
    assert codes(entry, "registrations") == []


def test_an_expiry_date_that_contradicts_the_last_act_is_doubted_and_is_no_part_of_its_title() -> None:
    entry = changed(ACT, f"{ACT}\nDate d'échéance de l'enregistrement : 4 janvier 2022")
    assert [(registration.title, registration.until) for registration in entry.registrations] == [
        ("Responsable d'atelier", date(2015, 5, 12))
    ]
    assert codes(entry, "registrations") == [DoubtCode.REGISTRATION_EXPIRY_DIFFERS]


def test_an_expiry_date_alone_is_a_registration_whose_beginning_is_unknown() -> None:
    entry = changed(ACT, "Date d'échéance : 04/01/2022")
    assert [(registration.since, registration.until) for registration in entry.registrations] == [
        (None, date(2022, 1, 4))
    ]
    assert DoubtCode.REGISTRATION_DATES_MISSING in codes(entry, "registrations")


def test_a_day_that_does_not_exist_is_said_and_nothing_is_deduced_instead() -> None:
    entry = changed("12 mai 2015", "31 septembre 2015")
    assert entry.registrations[0].until is None
    assert codes(entry, "registrations") == [
        DoubtCode.REGISTRATION_DATE_IMPOSSIBLE,
        DoubtCode.REGISTRATION_DATES_MISSING,
    ]
    assert "31 septembre 2015" in doubt_message(
        next(d for d in entry.doubts if d.what is DoubtCode.REGISTRATION_DATE_IMPOSSIBLE)
    )


# Titles and codes.


def test_a_title_goes_on_over_a_blank_line() -> None:
    entry = changed("Intitulé\nResponsable d'atelier\n", "Intitulé\nResponsable\n\nd'atelier\n")
    assert entry.title == "Responsable d'atelier"
    other = changed("Intitulé\nResponsable d'atelier\n", "Intitulé\nResponsable d'atelier\n\nOption menuiserie\n")
    assert other.title == "Responsable d'atelier"
    assert DoubtCode.TITLE_CUT_AT_BLANK_LINE in codes(other, "title")


def test_a_block_title_cut_at_a_blank_line_is_whole_or_doubted() -> None:
    second = TEXT[TEXT.index("Bloc de compétence n°2") : TEXT.index("\nCompétences évaluées", TEXT.index("n°2 de la"))]
    head = "Bloc de compétence n°2 de la fiche n° 12345 - "
    whole = changed(second, f"{head}Ouvrir les\n\nAteliers\n")
    assert whole.blocks[1].title == "Ouvrir les Ateliers"
    doubted = changed(second, f"{head}Ouvrir l'atelier\n\nDu matin au soir\n")
    assert doubted.blocks[1].title == "Ouvrir l'atelier"
    assert [d.facts for d in doubted.doubts if d.what is DoubtCode.TEXT_SET_ASIDE] == [("Du matin au soir",)]


@pytest.mark.parametrize("written", ["Prérequis : bloc 2", "prérequis : bloc 2", "• Pré-requis : bloc 2"])
@pytest.mark.parametrize("after", ["• Accueillir\n", "• Vendre\n", "Modalité d'évaluation : oral\n"])
def test_a_prerequisite_of_a_block_is_doubted_and_spoils_no_competency(written: str, after: str) -> None:
    entry = changed(after, f"{after}{written}\n")
    assert [competency.text for competency in entry.blocks[1].competencies] == ["Accueillir", "Vendre"]
    assert list(entry.blocks[1].assessments) == ["oral"]
    required = [doubt.facts[0] for doubt in entry.doubts if doubt.what is DoubtCode.BLOCK_PREREQUISITE]
    assert [text.casefold().endswith("requis : bloc 2") for text in required] == [True]


def test_a_condition_on_another_block_written_in_prose_is_doubted() -> None:
    entry = changed("Modalité d'évaluation : oral", "Modalité d'évaluation : oral. Il faut avoir validé le bloc 1")
    assert DoubtCode.BLOCK_PREREQUISITE in codes(entry, "blocks.2")


def test_a_ligature_is_read_as_its_letters_and_a_square_stays_one() -> None:
    entry = changed("Tenir les comptes", "Vériﬁer 20 m² eﬀectifs", times=2)
    assert entry.blocks[0].competencies[0].text == "Vérifier 20 m² effectifs"


def test_the_entry_that_replaces_this_one_is_not_its_code() -> None:
    entry = read("Fiche remplacée par la fiche RNCP 35000\n" + TEXT)
    assert entry.code == "RNCP12345"
    assert codes(entry, "code") == [DoubtCode.ENTRY_REPLACED]
    without_head = read("Fiche remplacée par la fiche RNCP 35000\n" + TEXT.replace("Code RNCP : 12345", ""))
    assert without_head.code == "RNCP12345"
    assert codes(without_head, "code") == [DoubtCode.ENTRY_REPLACED, DoubtCode.CODE_DEDUCED]


@pytest.mark.parametrize("space", [" ", "\u00a0", "\u202f", "\u2009", "."])
def test_a_code_with_a_thousands_separator_is_read_whole(space: str) -> None:
    entry = read(TEXT.replace("12345", f"12{space}345"))
    assert entry.code == "RNCP12345"
    assert [block.title for block in entry.blocks] == ["Tenir l'atelier", "Ouvrir l'atelier"]
    assert not [d for d in entry.doubts if d.what is DoubtCode.BLOCK_OF_OTHER_ENTRY]


# Juries.


def test_a_jury_taken_from_another_route_says_which() -> None:
    start, end = TEXT.index("Par expérience"), TEXT.index("OUI NON\nAccessible")
    entry = read(TEXT[:start] + "Par expérience X\n\n" + TEXT[end:])
    found = [doubt for doubt in entry.doubts if doubt.what is DoubtCode.JURY_TAKEN_FROM_ROUTE]
    assert [doubt.facts for doubt in found] == [(str(Route.INITIAL_TRAINING),)]
    assert "Formation initiale" in doubt_message(found[0])


@pytest.mark.parametrize(
    "line",
    [
        "un directeur d'une entreprise extérieure",
        "un expert-comptable salarié du cabinet partenaire",
        "un directeur commercial",
    ],
)
def test_the_head_of_another_house_is_a_professional_and_is_doubted(line: str) -> None:
    rule, doubts = jury_rule_of(f"Le jury est composé de deux personnes :\n• un président\n• {line}")
    assert rule.seats == (Seat.PRESIDENT, Seat.EXTERNAL_PROFESSIONAL)
    expected = (DoubtCode.JURY_SEAT_DEDUCED, (line, str(Seat.EXTERNAL_PROFESSIONAL)))
    assert expected in [(doubt.what, doubt.facts) for doubt in doubts]


@pytest.mark.parametrize("line", ["un directeur d'usine", "un salarié d'une entreprise partenaire"])
def test_a_seat_that_may_be_another_one_is_doubted(line: str) -> None:
    doubts = jury_rule_of(f"Le jury est composé de deux personnes :\n• un président\n• {line}")[1]
    assert DoubtCode.JURY_SEAT_DEDUCED in [doubt.what for doubt in doubts]


@pytest.mark.parametrize(
    ("line", "seat"),
    [
        ("le directeur de l'établissement", Seat.DIRECTOR_OR_DELEGATE),
        ("deux salariés", Seat.EMPLOYEE_REPRESENTATIVE),
        ("un(e) salarié(e) en activité", Seat.EMPLOYEE_REPRESENTATIVE),
        ("un employeur", Seat.EMPLOYER_REPRESENTATIVE),
    ],
)
def test_a_seat_that_is_really_one_is_still_read(line: str, seat: Seat) -> None:
    rule, doubts = jury_rule_of(f"Le jury est composé de deux personnes :\n• un président\n• {line}")
    assert seat in rule.seats
    assert DoubtCode.JURY_SEAT_DEDUCED not in [doubt.what for doubt in doubts]


@pytest.mark.parametrize(
    "sentence",
    [
        "40 % au maximum sont membres extérieurs",
        "Au plus 40 % de membres extérieurs",
        "La part de membres extérieurs ne peut dépasser 40 %",
        "40 % des membres au plus sont extérieurs",
        "membres extérieurs : 40 % maximum",
        "Un maximum de 40 % de membres extérieurs",
        "Des membres extérieurs dans la limite de 40 %",
    ],
)
def test_a_share_that_is_a_maximum_is_not_read_as_a_minimum(sentence: str) -> None:
    rule, doubts = jury_rule_of(f"Jury composé de 2 membres :\n• un président\n• un formateur\n{sentence}")
    assert (rule.external_min, rule.representatives_min) == (None, None)
    assert DoubtCode.JURY_RATIO_IS_MAXIMUM in [doubt.what for doubt in doubts]


def test_a_share_of_internal_members_is_no_share_of_representatives() -> None:
    rule, doubts = jury_rule_of(
        "Jury composé de 5 membres, représentants des professions.\n60 % internes\n40 % de membres extérieurs"
    )
    assert (rule.external_min, rule.representatives_min) == (0.4, None)
    assert DoubtCode.JURY_RATIO_OF_INTERNAL_MEMBERS in [doubt.what for doubt in doubts]


def test_a_jury_in_columns_gives_no_seat_by_chance() -> None:
    rule, doubts = jury_rule_of(
        "Le jury est composé de quatre personnes :\nLe président            Un formateur\nLe directeur            Un salarié"
    )
    assert (rule.size, rule.seats) == (4, ())
    assert DoubtCode.JURY_IN_COLUMNS in [doubt.what for doubt in doubts]


def laid_out(text: str) -> str:
    """Write a text as two columns side by side, as `pdftotext -layout` does."""
    lines = text.split("\n")
    half = len(lines) // 2
    return "\n".join(f"{left[:60]:<66}{right}" for left, right in zip(lines[:half], lines[half:], strict=False))


def test_a_text_laid_out_in_columns_is_refused_with_the_way_to_extract_it() -> None:
    with pytest.raises(UnreadableEntry) as caught:
        read(laid_out(TEXT))
    assert caught.value.reason is RejectionReason.IS_LAYOUT_TEXT
    assert "-layout" in refusal_message(caught.value)


# The same mutations of the real entry.


def test_the_reference_entry_is_misread_by_none_of_these_mutations(fiches: Path) -> None:
    text = (fiches / "rncp-16959.txt").read_text(encoding="utf-8")

    def mutated(old: str, new: str) -> Entry:
        assert old in text
        return read_entry(text.replace(old, new).encode(), "fiche.txt")

    assert mutated("acquises :  illimitée", "acquises :  illimitée, sauf le bloc 3 : trois ans").permanence is None
    valid = mutated("Cas pratique n°2 : Le /la", "Le bloc est valable trois ans. Cas pratique n°2 : Le /la")
    assert valid.permanence is None
    assert DoubtCode.PERMANENCE_OF_BLOCK in codes(valid, "blocks.3")
    assert mutated("16959", "16 959").code == "RNCP16959"
    replaced = read_entry(f"Fiche remplacée par la fiche RNCP 35000\n{text}".encode(), "fiche.txt")
    assert replaced.code == "RNCP16959"
    most = mutated("40 % sont  membres extérieurs", "40 % au maximum sont  membres extérieurs")
    assert most.jury is not None
    assert most.jury.external_min is None
    assert DoubtCode.JURY_RATIO_IS_MAXIMUM in codes(most, "jury")
    impossible = mutated("04 octobre 2018", "31 septembre 2018")
    assert DoubtCode.REGISTRATION_DATE_IMPOSSIBLE in codes(impossible, "registrations")
    outside = mutated("le/la directeur (trice) ou son représentant(e)", "un directeur d’une entreprise extérieure")
    assert outside.jury is not None
    assert Seat.DIRECTOR_OR_DELEGATE not in outside.jury.seats
    with pytest.raises(UnreadableEntry) as caught:
        read(laid_out(text))
    assert caught.value.reason is RejectionReason.IS_LAYOUT_TEXT
