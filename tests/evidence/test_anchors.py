"""A place in a piece is read, checked against its file, and followed into a later version of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.anchors import (
    MAX_ANCHORS,
    Anchor,
    AnchorErrorCode,
    AnchorFit,
    anchor_error,
    anchors_from_json,
    fit_of,
    parse_region,
    passage_with,
    quoted_page,
    region_text,
    with_anchor,
)
from portfolio.domain.dossier.rules.citation import CitationError, CitationUnit
from portfolio.wording.anchors import ERRORS, anchor_message, fit_message

REGION = (1200, 800, 5400, 2600)
QUOTED = Anchor(1, 2, quote="trois signaux", position=9)
PAGES, FREE, MINUTES = CitationUnit.PAGES, CitationUnit.FREE, CitationUnit.MINUTES


def test_a_region_of_an_address_is_read_whatever_corner_was_dragged_first():
    assert parse_region("5400,2600,1200,800") == REGION
    assert parse_region("") is None
    assert region_text(REGION) == "1200,800,5400,2600"


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("1,2,3", AnchorErrorCode.REGION_UNREADABLE),
        ("a,b,c,d", AnchorErrorCode.REGION_UNREADABLE),
        ("١,2,3,4", AnchorErrorCode.REGION_UNREADABLE),
        ("-1,0,500,500", AnchorErrorCode.REGION_UNREADABLE),
        ("100,100,110,900", AnchorErrorCode.REGION_TOO_SMALL),
        ("99999,0,999999,900", AnchorErrorCode.REGION_TOO_SMALL),
    ],
)
def test_a_region_that_is_none_is_refused_by_its_reason(typed, code):
    assert parse_region(typed) is code


@given(st.text(max_size=40))
def test_any_text_is_a_region_or_a_reason(typed):
    found = parse_region(typed)
    assert found is None or isinstance(found, AnchorErrorCode) or parse_region(region_text(found)) == found


def test_a_place_must_be_in_the_file():
    text = "J’ai retenu\ntrois signaux."
    assert anchor_error(QUOTED, 2, text) is None
    assert anchor_error(QUOTED, 1, text) is AnchorErrorCode.NO_SUCH_PAGE
    assert anchor_error(QUOTED, 2, "autre chose") is AnchorErrorCode.QUOTE_NOT_FOUND
    assert anchor_error(QUOTED, 2, None) is AnchorErrorCode.QUOTE_NOT_FOUND
    assert anchor_error(Anchor(1, 2), 2, text) is AnchorErrorCode.NO_PLACE
    assert anchor_error(Anchor(1, 2, quote="x" * 601), 2, text) is AnchorErrorCode.QUOTE_TOO_LONG
    assert anchor_error(Anchor(1, 2, REGION), 2, None) is None


def test_the_same_place_twice_is_one_and_places_have_a_bound():
    assert with_anchor([QUOTED], QUOTED) == (QUOTED,)
    first = Anchor(1, 1, REGION)
    assert with_anchor([QUOTED], first) == (first, QUOTED), "in the order of the pages"
    many = [Anchor(1, page, REGION) for page in range(1, MAX_ANCHORS + 1)]
    assert with_anchor(many, Anchor(1, 99, REGION)) is AnchorErrorCode.TOO_MANY


def test_a_place_is_kept_and_read_back():
    anchors = (QUOTED, Anchor(2, 1, REGION))
    assert anchors_from_json([anchor.as_json() for anchor in anchors]) == anchors
    assert anchors_from_json(None) == ()
    assert QUOTED.id != anchors[1].id


def test_a_quoted_passage_is_followed_into_a_later_version():
    assert fit_of(QUOTED, 1, None, 2) is AnchorFit.FITS, "the version on which it was marked"
    assert fit_of(QUOTED, 2, {2: "les trois\nsignaux"}, 2) is AnchorFit.FITS
    moved = {1: "", 5: "les trois signaux", 9: "trois signaux"}
    assert fit_of(QUOTED, 2, moved, 9) is AnchorFit.MOVED
    assert quoted_page(QUOTED, moved) == 5
    assert fit_of(QUOTED, 2, {2: "rien"}, 2) is AnchorFit.GONE
    assert fit_of(QUOTED, 2, None, 2) is AnchorFit.UNKNOWN, "its pages are not drawn yet"
    assert fit_of(QUOTED, 2, None, 1) is AnchorFit.GONE


def test_only_a_person_can_tell_whether_a_region_still_shows_the_same():
    region = Anchor(1, 2, REGION)
    assert fit_of(region, 2, {2: "texte"}, 2) is AnchorFit.UNKNOWN
    assert fit_of(region, 2, {1: "texte"}, 1) is AnchorFit.GONE


def test_pages_are_added_to_the_passage_of_a_claim():
    assert passage_with(None, "12", PAGES, 20) == "12"
    assert passage_with("4-5, 9", "6", PAGES, 20) == "4-6, 9"
    assert passage_with("", "12", PAGES, 20) == "", "the whole piece stays the whole piece"
    assert passage_with("de 2:10 à 3:00", "12", PAGES, 20) == "de 2:10 à 3:00", "it was told of another file"
    assert isinstance(passage_with(None, "21", PAGES, 20), CitationError)
    assert isinstance(passage_with(", ".join(str(page) for page in range(1, 110, 2)), "111", PAGES, 200), CitationError)


def test_moments_are_added_and_checked_against_the_length():
    assert passage_with(None, "2:10-3:05", MINUTES, 200) == "2:10-3:05"
    assert passage_with("2:10-3:05", "3:00-3:15", MINUTES, 200) == "2:10-3:15"
    assert isinstance(passage_with(None, "3:00-3:30", MINUTES, 200), CitationError)


def test_pages_of_a_file_without_counted_pages_are_told_in_words():
    assert passage_with(None, "3", FREE, 8) == "page 3"
    assert passage_with(None, "3-4", FREE, 8) == "pages 3-4"
    assert passage_with("page 3", "3", FREE, 8) == "page 3"
    assert passage_with("onglet Budget", "3", FREE, 8) == "onglet Budget, page 3"


def test_a_place_is_told_in_french():
    assert anchor_message(Anchor(1, 12, REGION)) == "p.\u00a012, encadré"
    assert anchor_message(Anchor(1, 12, quote="les  trois\nsignaux")) == "p.\u00a012, «\u00a0les trois signaux\u00a0»"
    assert len(anchor_message(Anchor(1, 12, quote="mot " * 100))) < 140
    assert fit_message(QUOTED, AnchorFit.FITS) == ""
    assert "page 5" in fit_message(QUOTED, AnchorFit.MOVED, 5)
    assert "version 1" in fit_message(QUOTED, AnchorFit.GONE)
    assert set(ERRORS) == set(AnchorErrorCode)
