"""Pages and minutes, as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.evidence.rules import (
    PASSAGE_LENGTH,
    Measure,
    PassageCode,
    PassageFault,
    cited_pages,
    kept_passage_fault,
    measure_of,
    passage_fault,
    read_passage,
)
from portfolio.evidence.wording import passage_shown


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
    assert read_passage(typed, Measure.PAGES, 20) == answer


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
    assert read_passage(typed, Measure.MINUTES) == answer


@pytest.mark.parametrize(
    ("typed", "code", "where"),
    [
        ("au début", PassageCode.UNREADABLE, "début"),
        ("4 et suivantes", PassageCode.UNREADABLE, "suivantes"),
        ("9-4", PassageCode.BACKWARDS, "9-4"),
        ("0", PassageCode.ZERO, "0"),
        ("18-22", PassageCode.BEYOND, "22"),
        ("99999", PassageCode.BEYOND, "99999"),
        ("1-2-3", PassageCode.UNREADABLE, "1-2-3"),
    ],
)
def test_a_passage_that_does_not_fit_is_told_with_its_words(typed, code, where):
    fault = passage_fault(typed, Measure.PAGES, 20)
    assert fault is not None
    assert (fault.code, fault.where.strip("-")) == (code, where)


def test_seconds_stop_at_fifty_nine():
    assert passage_fault("12:75", Measure.MINUTES) == PassageFault(PassageCode.UNREADABLE, "12:75")


def test_where_nothing_is_counted_words_stay_as_typed():
    assert read_passage("onglet  Budget, lignes 3 à 9", Measure.FREE) == "onglet Budget, lignes 3 à 9"


def test_a_passage_as_long_as_a_text_is_refused():
    assert passage_fault("x" * (PASSAGE_LENGTH + 1), Measure.FREE) == PassageFault(PassageCode.TOO_LONG)


@pytest.mark.parametrize(
    ("family", "pages", "measure"),
    [
        ("document", 12, Measure.PAGES),
        ("document", None, Measure.FREE),
        ("video", None, Measure.MINUTES),
        ("audio", None, Measure.MINUTES),
        ("image", None, Measure.FREE),
    ],
)
def test_a_file_says_how_its_passages_are_told(family, pages, measure):
    assert measure_of(family, pages) is measure


measures = st.sampled_from(list(Measure))


@given(st.text(max_size=120), measures, st.none() | st.integers(1, 500))
def test_any_text_is_answered_and_reading_the_answer_again_changes_nothing(typed, measure, pages):
    answer = read_passage(typed, measure, pages)
    if isinstance(answer, str):
        assert len(answer) <= PASSAGE_LENGTH
        assert read_passage(answer, measure, pages) == answer


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(0, 40)), min_size=1, max_size=12))
def test_the_pages_named_are_the_pages_kept(spans):
    typed = " ; ".join(f"p. {start} à {start + more}" for start, more in spans)
    answer = read_passage(typed, Measure.PAGES, 400)
    assert isinstance(answer, str)
    wanted = {page for start, more in spans for page in range(start, start + more + 1)}
    assert _pages(answer) == wanted


def _pages(answer: str) -> set[int]:
    ends = [[int(end) for end in item.split("-")] for item in answer.split(", ")]
    return {page for item in ends for page in range(item[0], item[-1] + 1)}


@pytest.mark.parametrize(
    ("passage", "measure", "last", "code"),
    [
        ("2-4, 7", Measure.PAGES, 8, None),
        ("2-4, 7", Measure.PAGES, 5, PassageCode.BEYOND),
        ("2-4, 7", Measure.PAGES, None, None),
        ("2-4, 7", Measure.MINUTES, None, PassageCode.OTHER_MEASURE),
        ("2-4, 7", Measure.FREE, 1, PassageCode.BEYOND),
        ("2-4, 7", Measure.FREE, None, None),
        ("12:30-14:00", Measure.PAGES, 8, PassageCode.OTHER_MEASURE),
        ("12:30-14:00", Measure.MINUTES, 840, None),
        ("12:30-14:00", Measure.MINUTES, 839, PassageCode.BEYOND),
        ("onglet Budget", Measure.PAGES, 8, PassageCode.UNREADABLE),
        ("page 3", Measure.PAGES, 8, None),
        ("", Measure.PAGES, 1, None),
    ],
)
def test_a_passage_that_was_kept_is_compared_with_the_file_that_stands_now(passage, measure, last, code):
    fault = kept_passage_fault(passage, measure, last)
    assert (fault and fault.code) == code


@pytest.mark.parametrize("passage", ["onglet Budget", "12:30", "page 3", "4-5, 9"])
def test_any_kept_passage_is_shown_and_names_its_pages_whatever_the_file_is_now(passage):
    for measure in Measure:
        assert passage_shown(passage, measure)
    assert cited_pages(passage, Measure.PAGES) == {"page 3": (3,), "4-5, 9": (4, 5, 9)}.get(passage, ())
