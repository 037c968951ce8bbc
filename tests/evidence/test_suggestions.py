"""Competencies proposed for a new piece: words in common, with the passage that has them; off by a setting."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from portfolio.domain.search.rules import MAX_SUGGESTIONS, suggest
from tests.evidence.suggestion_cases import COMPETENCIES, DOCUMENTS

KEYS = {label: uuid4() for label in COMPETENCIES}
BY_KEY: dict[UUID, str] = {KEYS[label]: text for label, text in COMPETENCIES.items()}
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


def test_nothing_is_suggested_of_nothing():
    assert suggest(BY_KEY, []) == []
    assert suggest({}, [(1, "Une veille en français et en anglais")]) == []
    assert suggest(BY_KEY, [(1, "")]) == []
