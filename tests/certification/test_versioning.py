"""Doubts stay beside what they are about, and two states of an entry are compared place by place."""

from dataclasses import replace
from datetime import date

from portfolio.domain.certification.rules.doubts import Doubt, DoubtCode
from portfolio.domain.certification.rules.entry_schema import entry_as_json, entry_from_json
from portfolio.domain.certification.rules.publication import timeline_of
from portfolio.domain.certification.rules.versioning import (
    Difference,
    carry_over_doubts,
    differences,
    digest_of,
    doubt_key,
    places_of,
    unresolved_doubts,
)
from tests import factories

ENTRY = entry_from_json(factories.entry())
WORDING = Doubt("blocks.3.competencies.2", DoubtCode.OTHER_WORDING, ("Définir une stratégie",))
ASSESSMENTS = Doubt("blocks.3.assessments", DoubtCode.ASSESSMENTS_SPLIT, ("2",))
COLUMNS = Doubt("routes", DoubtCode.ROUTES_COLUMNS_LOST)
DOUBTS = (WORDING, ASSESSMENTS, COLUMNS)
STAY = {place: place for place in places_of(ENTRY)}


def test_the_places_of_an_entry_are_its_registrations_blocks_and_competencies():
    assert places_of(ENTRY)[:6] == [
        "registrations.1",
        "registrations.2",
        "blocks.1",
        "blocks.1.competencies.1",
        "blocks.1.competencies.2",
        "blocks.2",
    ]


def test_doubts_follow_a_block_that_is_renumbered():
    moves = {**STAY, "blocks.3": "blocks.5", "blocks.3.competencies.2": "blocks.5.competencies.1"}
    doubts, settled = carry_over_doubts(DOUBTS, places_of(ENTRY), moves, [doubt_key(WORDING)])
    assert [doubt.where for doubt in doubts] == ["blocks.5.competencies.1", "blocks.5.assessments", "routes"]
    assert settled == [doubt_key(doubts[0])]


def test_a_doubt_about_a_line_that_was_removed_is_kept_and_counts_as_looked_at():
    moves = {place: place for place in STAY if place != "blocks.3.competencies.2"}
    doubts, settled = carry_over_doubts(DOUBTS, places_of(ENTRY), moves, [])
    assert doubts == DOUBTS
    assert settled == [doubt_key(WORDING)]


def test_what_is_left_are_the_doubts_nobody_looked_at():
    entry = replace(ENTRY, doubts=DOUBTS)
    assert unresolved_doubts(entry, [doubt_key(WORDING)]) == [ASSESSMENTS, COLUMNS]


def test_two_doubts_of_one_place_have_different_keys():
    assert doubt_key(WORDING) != doubt_key(replace(WORDING, facts=("Autre",)))


def test_an_entry_does_not_differ_from_itself():
    assert differences(entry_as_json(ENTRY), entry_as_json(ENTRY)) == []


def test_differences_are_told_place_by_place():
    block = ENTRY.blocks[2]
    competency = replace(block.competencies[1], text="Définir et défendre une stratégie")
    blocks = (*ENTRY.blocks[:2], replace(block, competencies=(block.competencies[0], competency)), ENTRY.blocks[3])
    after = replace(ENTRY, blocks=blocks, rome=("E1103", "E1104"), defence="Trente minutes.")
    found = differences(entry_as_json(ENTRY), entry_as_json(after))
    assert Difference("blocks.3.competencies.2.text", "Définir une stratégie d’offre", competency.text) in found
    assert Difference("blocks.3.competencies.3.text", "Élaborer une stratégie marketing", None) in found
    assert Difference("rome", ("E1103",), ("E1103", "E1104")) in found
    assert Difference("defence", None, "Trente minutes.") in found


def test_what_is_deduced_is_not_a_difference():
    after = {
        **entry_as_json(ENTRY),
        "registered_until": "2030-01-01",
        "doubts": [{"where": "title", "what": "titles_differ"}],
    }
    assert differences(entry_as_json(ENTRY), after) == []


def test_the_fingerprint_does_not_depend_on_the_order_of_keys():
    stored = entry_as_json(ENTRY)
    assert digest_of(stored) == digest_of(dict(reversed(stored.items())))
    assert digest_of(stored) != digest_of({**stored, "level": "6"})


def test_registrations_are_laid_out_to_scale_up_to_today_once_expired():
    line = timeline_of(ENTRY.registrations, date(2026, 1, 4))
    first, second = line.spans
    assert (first.start, second.start + second.length < line.today, line.today) == (0, True, 1000)
    assert abs(first.start + first.length - second.start) <= 1
    assert [year for year, _ in line.years] == list(range(2017, 2027))


def test_a_registration_to_come_goes_beyond_today():
    assert timeline_of(ENTRY.registrations, date(2019, 10, 4)).today < 1000


def test_registrations_without_their_dates_are_not_drawn():
    assert (
        timeline_of([replace(registration, until=None) for registration in ENTRY.registrations], date(2026, 1, 4))
        is None
    )
