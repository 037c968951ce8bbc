"""Pages and minutes, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.domain.dossier.rules.citation import (
    CITATION_MAX_CHARS,
    CitationError,
    CitationErrorCode,
    CitationUnit,
    citation_error,
    citation_unit,
    cited_pages,
    parse_citation,
    stored_citation_error,
)
from portfolio.wording.evidence import citation_message


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("4-5, 9", "4-5, 9"),
        ("p. 4 à 6", "4-6"),
        ("pages 4 et 5", "4-5"),
        ("P4–6 ; 12", "4-6, 12"),
        ("4 5 9", "4-5, 9"),
        ("de la page 4 à la page 6", "4-6"),
        ("9, 4-5", "4-5, 9"),
        ("1-3, 2-8", "1-8"),
        ("diapos 3 à 5", "3-5"),
        ("page n° 4", "4"),
        ("toutes les pages", ""),
        ("  ", ""),
    ],
)
def test_pages_typed_on_a_phone_come_to_one_form(typed, answer):
    assert parse_citation(typed, CitationUnit.PAGES, 20) == answer


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("12:30-14:00", "12:30-14:00"),
        ("12 min 30 à 14 min", "12:30-14:00"),
        ("1 h 02", "1:02:00"),
        ("12'30", "12:30"),
        ("de la minute 3 à la minute 5", "3:00-5:00"),
        ("45 s", "0:45"),
        ("1:02:30 - 1:03:00", "1:02:30-1:03:00"),
        ("0:00 à 1:30 et 4 min", "0:00-1:30, 4:00"),
    ],
)
def test_minutes_typed_on_a_phone_come_to_one_form(typed, answer):
    assert parse_citation(typed, CitationUnit.MINUTES) == answer


@pytest.mark.parametrize(
    ("typed", "code", "where"),
    [
        ("au début", CitationErrorCode.UNREADABLE, "début"),
        ("4 et suivantes", CitationErrorCode.UNREADABLE, "suivantes"),
        ("9-4", CitationErrorCode.BACKWARDS, "9-4"),
        ("0", CitationErrorCode.ZERO, "0"),
        ("18-22", CitationErrorCode.BEYOND, "22"),
        ("99999", CitationErrorCode.BEYOND, "99999"),
        ("1-2-3", CitationErrorCode.UNREADABLE, "1-2-3"),
    ],
)
def test_a_passage_that_does_not_fit_is_told_with_its_words(typed, code, where):
    fault = citation_error(typed, CitationUnit.PAGES, 20)
    assert fault is not None
    assert (fault.code, fault.where.strip("-")) == (code, where)


def test_seconds_stop_at_fifty_nine():
    assert citation_error("12:75", CitationUnit.MINUTES) == CitationError(CitationErrorCode.UNREADABLE, "12:75")


def test_where_nothing_is_counted_words_stay_as_typed():
    assert parse_citation("onglet  Budget, lignes 3 à 9", CitationUnit.FREE) == "onglet Budget, lignes 3 à 9"


def test_a_passage_as_long_as_a_text_is_refused():
    assert citation_error("x" * (CITATION_MAX_CHARS + 1), CitationUnit.FREE) == CitationError(
        CitationErrorCode.TOO_LONG
    )


@pytest.mark.parametrize(
    ("family", "pages", "measure"),
    [
        ("document", 12, CitationUnit.PAGES),
        ("document", None, CitationUnit.FREE),
        ("video", None, CitationUnit.MINUTES),
        ("audio", None, CitationUnit.MINUTES),
        ("image", None, CitationUnit.FREE),
    ],
)
def test_a_file_says_how_its_passages_are_told(family, pages, measure):
    assert citation_unit(family, pages) is measure


measures = st.sampled_from(list(CitationUnit))


@given(st.text(max_size=120), measures, st.none() | st.integers(1, 500))
def test_any_text_is_answered_and_reading_the_answer_again_changes_nothing(typed, measure, pages):
    answer = parse_citation(typed, measure, pages)
    if isinstance(answer, str):
        assert len(answer) <= CITATION_MAX_CHARS
        assert parse_citation(answer, measure, pages) == answer


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 40)), min_size=1, max_size=12))
def test_the_pages_named_are_the_pages_kept(spans):
    typed = " ; ".join(f"p. {start} à {start + more}" for start, more in spans)
    answer = parse_citation(typed, CitationUnit.PAGES, 400)
    assert isinstance(answer, str)
    wanted = {page for start, more in spans for page in range(start, start + more + 1)}
    assert _pages(answer) == wanted


def _pages(answer: str) -> set[int]:
    ends = [[int(end) for end in item.split("-")] for item in answer.split(", ")]
    return {page for item in ends for page in range(item[0], item[-1] + 1)}


@pytest.mark.parametrize(
    ("passage", "measure", "last", "code"),
    [
        ("2-4, 7", CitationUnit.PAGES, 8, None),
        ("2-4, 7", CitationUnit.PAGES, 5, CitationErrorCode.BEYOND),
        ("2-4, 7", CitationUnit.PAGES, None, None),
        ("2-4, 7", CitationUnit.MINUTES, None, CitationErrorCode.OTHER_MEASURE),
        ("2-4, 7", CitationUnit.FREE, 1, CitationErrorCode.BEYOND),
        ("2-4, 7", CitationUnit.FREE, None, None),
        ("12:30-14:00", CitationUnit.PAGES, 8, CitationErrorCode.OTHER_MEASURE),
        ("12:30-14:00", CitationUnit.MINUTES, 840, None),
        ("12:30-14:00", CitationUnit.MINUTES, 839, CitationErrorCode.BEYOND),
        ("onglet Budget", CitationUnit.PAGES, 8, CitationErrorCode.UNREADABLE),
        ("page 3", CitationUnit.PAGES, 8, None),
        ("", CitationUnit.PAGES, 1, None),
    ],
)
def test_a_passage_that_was_kept_is_compared_with_the_file_that_stands_now(passage, measure, last, code):
    fault = stored_citation_error(passage, measure, last)
    assert (fault and fault.code) == code


@pytest.mark.parametrize("passage", ["onglet Budget", "12:30", "page 3", "4-5, 9"])
def test_any_kept_passage_is_shown_and_names_its_pages_whatever_the_file_is_now(passage):
    for measure in CitationUnit:
        assert citation_message(passage, measure)
    assert cited_pages(passage, CitationUnit.PAGES) == {"page 3": (3,), "4-5, 9": (4, 5, 9)}.get(passage, ())
