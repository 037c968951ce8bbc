"""Check what a string becomes on paper."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.documents.values import REPLACED, replace_unsupported_characters
from portfolio.files.conversion.fonts import covered_signs

COVERED = covered_signs()
ANYTHING = st.text(st.characters(exclude_categories=()))


def test_french_is_printed_as_it_is_written():
    text = "Œuvre à l’été : « ça, où ? », n° 3 – 40 % de 12 000 €… ÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ ÿ"
    assert replace_unsupported_characters(text, COVERED) == text


def test_names_of_europe_and_beyond_are_printed_as_they_are_written():
    for name in (
        "Łukasz Żółć",
        "Nguyễn Thị Hằng",
        "Дмитрий Щукин",
        "Ελένη",
        "Şeyma Gül",
        "Björk Guðmundsdóttir",
        "王小明, 您好",
        "さとう はなこ",
        "김민준",
        "Zoé 🦊",
        "Արամ",
        "สมชาย",
    ):
        assert replace_unsupported_characters(name, COVERED) == name


@pytest.mark.parametrize("unseen", ["\x00", "\x1b", "\ud800", "\u202e", "\u2066", "\u0378", "\uffff", "\U000e0001"])
def test_what_no_font_draws_or_nobody_sees_leaves_a_visible_sign(unseen):
    assert replace_unsupported_characters(f"a{unseen}b", COVERED) == f"a{REPLACED}b"


def test_the_visible_sign_itself_can_be_drawn():
    assert ord(REPLACED) in COVERED


def test_letters_written_in_two_signs_are_composed():
    assert replace_unsupported_characters("Ele\u0301onore", COVERED) == "Eléonore"


def test_every_line_end_becomes_one():
    assert replace_unsupported_characters("a\r\nb\rc\u2028d\x85e", COVERED) == "a\nb\nc\nd\ne"


def test_a_line_from_right_to_left_is_isolated_from_the_words_around_it():
    assert replace_unsupported_characters("x\nمريم", COVERED) == "x\n\u2068مريم\u2069"


@given(ANYTHING)
def test_nothing_is_lost_and_everything_can_be_drawn(text):
    printed = replace_unsupported_characters(text, COVERED)
    kept = {"\n", "\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\u2068", "\u2069"}
    assert all(sign in kept or ord(sign) in COVERED for sign in printed)
    assert len(printed.replace("\u2068", "").replace("\u2069", "")) == len(_composed(text))


def _composed(text: str) -> str:
    lines = text.replace("\r\n", "\n")
    for end in "\r\x0b\x0c\x85\u2028\u2029":
        lines = lines.replace(end, "\n")
    return "\n".join(unicodedata.normalize("NFC", line) for line in lines.split("\n"))
