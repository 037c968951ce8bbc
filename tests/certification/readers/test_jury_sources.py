"""Check which conditions of a jury the entry says in its own words, and which come from elsewhere (J1–J8)."""

from dataclasses import replace

import pytest

from portfolio.domain.certification.readers import read_entry
from portfolio.domain.certification.readers.cncp_text.jury import jury_rule_of, sourced, sources_of, stated_terms
from portfolio.domain.certification.rules.entry import sources_after
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.jury_rule import JuryRule, JuryTerm, Seat, TermSource

COLLEGE, APPOINTED = JuryTerm.PRESIDENT_COLLEGE, JuryTerm.PRESIDENT_APPOINTED
ACTIVE, DELEGATE = JuryTerm.EMPLOYEE_IN_ACTIVITY, JuryTerm.DIRECTOR_OR_DELEGATE
ENTRY, CERTIFIER, DESIGN = TermSource.ENTRY, TermSource.CERTIFIER, TermSource.DESIGN


def test_the_reference_entry_says_its_eight_conditions(fiches):
    entry = read_entry((fiches / "rncp-16959.txt").read_bytes(), "fiche.txt")

    assert dict(entry.jury.sources) == dict.fromkeys(list(JuryTerm)[:8], ENTRY)


def test_a_version_read_before_sources_were_kept_tells_the_same_from_its_text(fiches):
    entry = read_entry((fiches / "rncp-16959.txt").read_bytes(), "fiche.txt")
    before = replace(entry, jury=replace(entry.jury, sources=()))

    assert sourced(before).sources == entry.jury.sources


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Un président, un représentant des employeurs, un représentant des salariés, un formateur.", set()),
        ("Le jury comprend :\nPrésident\nReprésentant des employeurs\nReprésentant des salariés", set()),
        ("Le jury comprend : Président Représentant des employeurs Représentant des salariés", set()),
        ("Le président est un membre de la profession. Les employeurs sont représentés.", set()),
        ("Le président est un professionnel et les autres membres sont des employeurs.", set()),
        ("Le président est issu du collège employeurs ou salariés.", set()),
        ("Le président est un professionnel, représentant des\nemployeurs", set()),
        ("Un président, professionnel issu du collège employeur", {COLLEGE}),
        ("La présidente du jury représente les employeurs", {COLLEGE}),
        ("Le président est désigné par la direction de l’école.", {APPOINTED}),
        ("Le directeur nomme le président du jury.", {APPOINTED}),
        ("Le président, nommé par la directrice", {APPOINTED}),
        ("Le président, un représentant nommé par la direction", set()),
        ("Un représentant des salariés, un professionnel en activité", set()),
        ("Un salarié en exercice", {ACTIVE}),
        ("Un représentant en activité des salariés", {ACTIVE}),
        ("Le directeur de l’établissement", set()),
        ("Un directeur ou un représentant des salariés", set()),
        ("Le directeur ou son délégué", {DELEGATE}),
        ("La direction, ou une personne ayant délégation", set()),
        ("La direction ou une personne ayant délégation", {DELEGATE}),
    ],
)
def test_only_what_a_text_says_is_credited_to_it(text: str, terms: set[JuryTerm]):
    assert stated_terms(text) == terms


TEXT = (
    "Le jury est composé de 4 membres : • un président • un représentant des employeurs • un représentant des salariés • "
    "le directeur. 50 % sont membres extérieurs"
)


def rule_of(text: str) -> JuryRule:
    return jury_rule_of(text.replace(" • ", "\n• ").replace(". 50", ".\nParmi eux, 50"))[0]


def test_conditions_that_the_text_does_not_say_are_ours_and_not_the_entry_s():
    sources = dict(sources_of(rule_of(TEXT), TEXT))

    assert {term: sources[term] for term in (COLLEGE, APPOINTED, ACTIVE, DELEGATE)} == dict.fromkeys(
        (COLLEGE, APPOINTED, ACTIVE, DELEGATE), DESIGN
    )
    assert (sources[JuryTerm.SIZE], sources[JuryTerm.EXTERNAL_MIN]) == (ENTRY, ENTRY)
    assert JuryTerm.REPRESENTATIVES_MIN not in sources


def test_a_value_that_the_text_does_not_say_is_the_certifier_s():
    typed = replace(rule_of(TEXT), size=6, external_min=0.4, representatives_min=0.5)
    sources = dict(sources_of(typed, TEXT))

    assert [sources[term] for term in (JuryTerm.SIZE, JuryTerm.EXTERNAL_MIN, JuryTerm.REPRESENTATIVES_MIN)] == [
        CERTIFIER
    ] * 3


def test_a_size_counted_on_the_seats_and_two_colleges_read_in_a_share_are_ours():
    text = "Membres du jury :\n• un président\n• un salarié\n50 % de représentants de la profession"
    sources = dict(sources_of(jury_rule_of(text)[0], text))

    assert (sources[JuryTerm.SIZE], sources[JuryTerm.REPRESENTATIVES_MIN]) == (DESIGN, DESIGN)


def test_a_rule_without_any_text_was_typed_by_the_certifier():
    sources = dict(sources_of(JuryRule(2, (Seat.PRESIDENT, Seat.EXTERNAL_PROFESSIONAL), 0.5), ""))

    assert sources == {
        JuryTerm.SIZE: CERTIFIER,
        JuryTerm.SEATS: CERTIFIER,
        COLLEGE: DESIGN,
        APPOINTED: DESIGN,
        JuryTerm.EXTERNAL_MIN: CERTIFIER,
    }


def test_sources_are_stored_and_are_no_part_of_the_contract_of_the_command_line(fiches):
    entry = read_entry((fiches / "rncp-16959.txt").read_bytes(), "fiche.txt")

    assert entry_from_json(entry_as_json(entry)).jury.sources == entry.jury.sources
    assert "sources" not in entry_as_json(entry, sentence=str)["jury"]


READ = JuryRule(
    3, (Seat.PRESIDENT,), 0.5, sources=((JuryTerm.SIZE, ENTRY), (JuryTerm.EXTERNAL_MIN, ENTRY), (COLLEGE, DESIGN))
)


def test_a_value_changed_on_the_draft_becomes_the_certifier_s_unless_another_source_is_named():
    after = replace(READ, size=4, external_min=0.6)
    typed = {JuryTerm.SIZE: ENTRY, JuryTerm.EXTERNAL_MIN: DESIGN, COLLEGE: ENTRY}
    sources = dict(sources_after(READ, after, typed))

    assert (sources[JuryTerm.SIZE], sources[JuryTerm.EXTERNAL_MIN], sources[COLLEGE]) == (CERTIFIER, DESIGN, ENTRY)


def test_a_seat_added_on_the_draft_brings_its_conditions_by_default():
    after = replace(READ, seats=(*READ.seats, Seat.DIRECTOR_OR_DELEGATE))
    sources = dict(sources_after(READ, after, {}))

    assert (sources[JuryTerm.SEATS], sources[DELEGATE]) == (CERTIFIER, DESIGN)
    assert dict(sources_after(after, READ, {})).keys() == {
        JuryTerm.SIZE,
        JuryTerm.SEATS,
        COLLEGE,
        JuryTerm.EXTERNAL_MIN,
    }
