"""Competencies proposed for a new piece: words in common, with the passage that has them; off by a setting."""

import math
from array import array
from itertools import islice
from operator import mul
from statistics import fmean
from uuid import uuid4

import pytest

from portfolio.domain.search.readers.word_vectors import COMMON, NUMBERS, common_file, rows_of_table, vector_of
from portfolio.domain.search.rules import MAX_SUGGESTIONS, CompetencyWords, index_words, suggest
from tests.evidence.lead_pairs import FRESH, PAIRS, UNSEEN
from tests.evidence.suggestion_cases import COMPETENCIES, DOCUMENTS

KEYS = {label: uuid4() for label in COMPETENCIES}
BY_KEY = {KEYS[label]: CompetencyWords(text) for label, text in COMPETENCIES.items()}
LABELS = {key: label for label, key in KEYS.items()}


def suggested(text: str) -> list[str]:
    return [LABELS[one.competency_id] for one in suggest(BY_KEY, [(1, text)])]


@pytest.mark.parametrize(("text", "shown"), DOCUMENTS, ids=[text[:30] for text, _ in DOCUMENTS])
def test_a_document_of_the_labelled_set_leads_to_what_it_shows_first_and_another_to_nothing(text, shown):
    found = suggested(text)
    assert set(found[:1]) == shown
    assert len(found) <= MAX_SUGGESTIONS


def test_the_passage_and_its_page_say_what_made_one_think_so():
    filling = "Une page sans rapport avec le reste, que personne ne lit. " * 30
    [one, *_] = suggest(BY_KEY, [(1, filling), (7, filling + DOCUMENTS[1][0])])
    assert one.page == 7
    marked = [words for words, is_match in one.parts if is_match]
    assert {"veille", "recherche", "français", "anglais"} <= {word.lower() for word in marked}
    assert len("".join(words for words, _ in one.parts)) < 430


def found_in(sets) -> list[bool]:
    """Return for each pair whether its competency is among the leads, whose passage shows words of the piece."""
    found = []
    for competencies, pairs in sets.values():
        keys = {uuid4(): label for label in competencies}
        known = {key: CompetencyWords(competencies[label]) for key, label in keys.items()}
        for label, text in pairs:
            leads = suggest(known, [(0, text)], vector_of=vector_of)
            assert all("".join(part for part, _ in one.parts) == text for one in leads)
            assert all(any(is_match for _, is_match in one.parts) for one in leads)
            found.append(label in [keys[one.competency_id] for one in leads])
    return found


def half(sets, first):
    """Return every other pair of each certification, from its first or its second pair."""
    return {name: (competencies, pairs[first::2]) for name, (competencies, pairs) in sets.items()}


@pytest.mark.parametrize("sets", [half(UNSEEN, 0), half(UNSEEN, 1), FRESH], ids=["looked at", "held out", "fresh"])
def test_the_right_competency_is_among_three_leads_for_65_pieces_of_a_hundred(sets):
    found = found_in(sets)
    assert sum(found) >= 0.65 * len(found), (sum(found), len(found))


def test_a_piece_whose_words_were_known_still_finds_its_competency():
    assert sum(found_in(PAIRS)) >= 95


def test_what_all_words_share_is_what_the_table_says():
    """The mean first; then directions at right angles, along which the words differ more than along any of their own."""
    numbers = array("f", common_file().read_bytes())
    mean, *directions = (numbers[start : start + NUMBERS] for start in range(0, len(numbers), NUMBERS))
    assert len(directions) == COMMON - 1
    for at, direction in enumerate(directions):
        assert [round(sum(map(mul, direction, other)), 4) for other in directions[: at + 1]] == [0.0] * at + [1.0]
    rows = [
        [number - usual for number, usual in zip(row, mean, strict=True)]
        for row in islice(rows_of_table(), 0, None, 10)
    ]
    assert max(map(abs, map(fmean, zip(*rows, strict=True)))) < 0.01
    spreads = [fmean(sum(map(mul, row, direction)) ** 2 for row in rows) for direction in directions]
    assert min(spreads) > max(fmean(number * number for number in column) for column in zip(*rows, strict=True))


def test_a_common_word_weighs_less_than_a_rare_one():
    common, rare = vector_of("pour"), vector_of("pinceau")
    assert math.hypot(*common) < 0.2 < 0.8 < math.hypot(*rare) < 1
    assert sum(map(mul, rare, vector_of("brosse"))) > sum(map(mul, rare, vector_of("comptable"))) + 0.2


def test_the_passage_shown_makes_the_lead_by_itself():
    said = "Une page sans rapport avec le reste, que personne ne lit. " * 20 + UNSEEN["digital"][1][10][1]
    for lead in suggest(BY_KEY, [(0, said)], vector_of=vector_of):
        passage = "".join(part for part, _ in lead.parts)
        assert lead.competency_id in {one.competency_id for one in suggest(BY_KEY, [(0, passage)], vector_of=vector_of)}
    [first, *_] = suggest(BY_KEY, [(0, said)], vector_of=vector_of)
    assert "fréquentation" in "".join(part for part, _ in first.parts)


@pytest.mark.parametrize("title", ["Photo", "IMG_2034", "Scan", "Ma carte d’identité", "Bulletin de paie"])
def test_a_title_that_says_nothing_of_what_was_done_makes_no_lead_by_its_meaning(title):
    by_words = suggest(BY_KEY, [(0, title)])
    assert suggest(BY_KEY, [(0, title)], vector_of=vector_of) == by_words


def test_what_an_advisor_confirmed_elsewhere_makes_a_lead_of_words_that_the_framework_lacks():
    text = "Fiche de lavage des pinceaux et du rouleau laqueur"
    assert suggest(BY_KEY, [(0, text)]) == []
    key = KEYS["2.2"]
    known = BY_KEY | {
        key: CompetencyWords(
            COMPETENCIES["2.2"], confirmed=frozenset(index_words("Les pinceaux et le rouleau").split())
        )
    }
    assert [one.competency_id for one in suggest(known, [(0, text)])] == [key]


def test_nothing_is_suggested_of_nothing():
    assert suggest(BY_KEY, []) == []
    assert suggest({}, [(1, "Une veille en français et en anglais")]) == []
    assert suggest(BY_KEY, [(1, "")]) == []
