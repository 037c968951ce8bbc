"""The text of a page is searched as people type, and each hit knows where it is on the page."""

from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.rendition import (
    PAGE_UNITS,
    excerpt_around,
    find_text,
    fold,
    match_boxes,
    pack_boxes,
    unpack_boxes,
)

TEXT = "Plan de veille 2019\nLa stratégie numérique de l’entreprise, et sa\nstratégie\nnumérique à venir."


def test_a_search_needs_neither_accents_nor_capitals_nor_the_line_breaks():
    assert [TEXT[hit.start : hit.end] for hit in find_text(TEXT, "STRATEGIE  numerique")] == [
        "stratégie numérique",
        "stratégie\nnumérique",
    ]
    assert len(find_text(TEXT, "l'entreprise")) == 1, "a typed apostrophe is a printed one"


def test_a_search_of_nothing_finds_nothing():
    assert find_text(TEXT, "  ") == []
    assert find_text("", "plan") == []


def test_a_hit_knows_the_words_that_hold_it():
    [hit] = find_text(TEXT, "eille 20")
    assert TEXT.split()[hit.first_word : hit.last_word + 1] == ["veille", "2019"]


def test_the_words_of_one_line_are_marked_by_one_box_and_those_of_the_next_by_another():
    [hit] = find_text("un deux\ntrois", "un deux trois")
    boxes = [(0, 0, 100, 50), (120, 2, 200, 50), (0, 80, 90, 130)]
    assert match_boxes(boxes, hit) == [(0, 0, 200, 50), (0, 80, 90, 130)]
    assert match_boxes([], hit) == [], "a page drawn before tells no place"


def test_a_hit_is_shown_with_what_is_written_around_it():
    text = "mot " * 40 + "la cible ici " + "mot " * 40
    before, found, after = excerpt_around(text, find_text(text, "cible")[0])
    assert (before[0], before[-3:], found, after[:8], after[-1]) == ("…", "la ", "cible", " ici mot", "…")


@given(st.text(), st.text(max_size=10))
def test_every_hit_is_in_the_text_and_its_words_too(text, searched):
    assert len(fold(text)) == len(text)
    for hit in find_text(text, searched):
        assert fold(text[hit.start : hit.end]).split() == fold(searched).split()
        assert 0 <= hit.first_word <= hit.last_word < len(text.split())


@given(st.lists(st.tuples(*[st.integers(-5, PAGE_UNITS + 5)] * 4)))
def test_boxes_are_kept_within_the_page(boxes):
    kept = unpack_boxes(pack_boxes(boxes))
    assert len(kept) == len(boxes)
    assert all(0 <= side <= PAGE_UNITS for box in kept for side in box)
