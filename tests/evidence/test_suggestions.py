"""Competencies proposed for a new piece: words in common, with the passage that has them; off by a setting."""

from __future__ import annotations

from uuid import uuid4

import pytest

from portfolio.domain.search.rules import MAX_SUGGESTIONS, CompetencyWords, index_words, suggest
from tests.evidence.lead_pairs import PAIRS
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


def leads_of(competencies: dict[str, str], text: str) -> list[str]:
    keys = {uuid4(): label for label in competencies}
    known = {key: CompetencyWords(competencies[label]) for key, label in keys.items()}
    return [keys[one.competency_id] for one in suggest(known, [(0, text)])]


def test_the_right_competency_is_among_three_leads_for_65_pieces_of_a_hundred():
    cases = [(competencies, *pair) for competencies, pairs in PAIRS.values() for pair in pairs]
    found = [label in leads_of(competencies, text) for competencies, label, text in cases]
    assert len(found) == 100
    assert sum(found) >= 65, sum(found)


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
