"""The words of a text as the search index knows them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.search.rules import MAX_QUERY_WORDS, index_words, passage_of, query_words


def finds(query: str, text: str) -> bool:
    known = set(index_words(text).split())
    return all(known & set(group) for group in query_words(query))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("budget", "Les budgets prévisionnels"),
        ("realise", "Ce que j’ai réalisé"),
        ("RÉALISER", "les tableaux réalisées en équipe"),
        ("competences", "une compétence"),
        ("entreprise", "la stratégie de l’entreprise"),
        ("oeuvre", "mise en œuvre"),
        ("plan de charge", "Le plan pour la charge"),
        ("dévelop", "dévelop"),
    ],
)
def test_a_word_is_found_whatever_its_accents_its_case_and_its_ending(query, text):
    assert finds(query, text)


def test_a_text_without_one_of_the_words_is_not_found():
    assert not finds("budget annuel", "Le budget du mois")


def test_words_that_every_text_has_ask_for_nothing():
    assert query_words("de la et l’") == []


def test_a_query_has_a_bounded_number_of_words():
    assert len(query_words(" ".join(f"mot{n}" for n in range(200)))) == MAX_QUERY_WORDS


@given(st.text())
def test_the_stems_of_any_text_hold_letters_and_digits_only(text):
    assert all(stem.isalnum() for stem in index_words(text).split())
    assert all(stem.isalnum() for group in query_words(text) for stem in group)


@given(st.text(), st.text())
def test_a_passage_is_a_part_of_its_text_around_the_match(text, query):
    parts = passage_of(text, query).parts
    assert "".join(part for part, _ in parts if part not in ("… ", " …")) in text


def test_a_passage_marks_every_match_and_begins_at_a_word():
    text = "avant " * 60 + "le budget annuel, puis les budgets" + " après" * 60
    parts = passage_of(text, "budget").parts
    assert [part for part, match in parts if match] == ["budget", "budgets"]
    assert parts[0] == ("… ", False)
    assert parts[1][0].startswith("avant")
