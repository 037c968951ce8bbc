"""The text of a page: what the page shows, never what it hides."""

import io
import time

import pytest

from portfolio.domain.dossier.rules.rendition import PageError, unpack_boxes
from portfolio.files.renditions.page_images import substitute_fonts
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.renditions.page_images.pdf import PdfRenderer
from portfolio.files.renditions.page_images.second_look import Grid
from portfolio.wording.files import FAULTS
from tests.active_pdfs import dynamic_form
from tests.honest_pdfs import arabic_font_not_held, font_not_held, form_field
from tests.honest_sample import honest_sample, scanned
from tests.pdf_pages import FIELD, HIDING, NOT_SHOWN, SECRET, SHOWING, WRITTEN, annotated, page


def read(content: bytes):
    renderer = PdfRenderer(io.BytesIO(content))
    renderer.draw(1, 600)
    return renderer.text()


@pytest.mark.parametrize("by", HIDING)
def test_text_that_the_page_hides_is_counted_and_not_returned(by):
    found = read(HIDING[by])
    assert found.text.split() == (["Bonjour", "MASQUE"] if "label" in by else ["Bonjour"])
    assert found.hidden == len(SECRET)


@pytest.mark.parametrize("how", SHOWING)
def test_text_that_the_page_shows_is_returned(how):
    found = read(SHOWING[how])
    assert found.text.split() == ["Bonjour", SECRET]
    assert found.hidden == 0


@pytest.mark.parametrize("how", NOT_SHOWN)
def test_an_annotation_that_readers_do_not_see_says_nothing(how):
    assert SECRET not in read(NOT_SHOWN[how]).text


def test_a_field_of_a_turned_page_has_its_words_where_they_are():
    found = read(annotated(FIELD + "/F 4 {} >>", more="/Rotate 90"))
    boxes = dict(zip(found.text.split(), unpack_boxes(found.word_boxes), strict=True))
    left, top, right, bottom = boxes[SECRET]
    # 16 to 136 units of 300 across and 92 to 122 of 200 from the bottom, turned by a quarter to the right.
    assert 4600 <= left < right <= 6200
    assert 500 <= top < bottom <= 4600


def test_only_the_covered_part_of_a_line_is_hidden():
    found = read(page("BT /F 24 Tf 20 100 Td (Madame Dupont) Tj ET 0 g 112 92 160 30 re f"))
    assert (found.text.split(), found.hidden) == (["Madame"], len(SECRET))


@pytest.mark.parametrize(
    ("lines", "shown"),
    [
        (["Court"], ["Court"]),
        (["Une réponse bien trop longue pour son champ"], ["Une", "réponse", "bien"]),
        ([f"ligne {number}" for number in range(8)], ["ligne", "0", "ligne", "1"]),
    ],
)
def test_a_text_that_overflows_its_field_is_not_hidden(lines, shown):
    found = read(form_field([line.replace("é", r"\351") for line in lines]))
    assert (found.text.split()[1:], found.hidden) == (shown, 0)


def test_a_text_in_the_colour_of_its_field_is_hidden():
    assert read(form_field([SECRET], paint="1 g")).hidden == len(SECRET)


@pytest.mark.parametrize(
    ("text", "order", "encoding"),
    [
        ("中文简历", "GB1", "UniGB-UTF16-H"),
        ("繁體中文", "CNS1", "UniCNS-UTF16-H"),
        ("日本語かな", "Japan1", "UniJIS-UTF16-H"),
        ("한국어", "Korea1", "UniKS-UTF16-H"),
    ],
)
def test_a_font_of_asia_that_the_file_does_not_hold_is_drawn_with_ours(text, order, encoding):
    substitute_fonts.install()
    found = read(font_not_held(text, order, encoding))
    assert (found.text, found.hidden) == (text, 0)
    assert read(font_not_held(text, order, encoding, covered=True)).hidden == len(text)


@pytest.mark.slow
def test_nobody_is_accused_by_the_sample_of_honest_files():
    substitute_fonts.install()
    found = {name: read(content) for name, content in honest_sample()}
    assert {name: text.hidden for name, text in found.items() if text.hidden} == {}
    scans = [text for name, text in found.items() if "beside its ink" in name]
    assert {"Benali" in text.text and "2021" in text.text for text in scans} == {True}


@pytest.mark.parametrize("colour", [0, 1])
@pytest.mark.parametrize("way", [{}, {"under": True}, {"strips": 6}, {"strips": 6, "under": True}, {"rotate": 90}])
def test_a_word_or_half_a_word_covered_on_a_scan_is_hidden(way, colour):
    whole = read(scanned(cover=("Benali", 0, colour), **way))
    assert ("Samia" in whole.text, "Benali" in whole.text, whole.hidden) == (True, False, 6)
    half = read(scanned(cover=("Benali", 0.5, colour), **way))
    assert ("Benali" in half.text, half.hidden > 0) == (False, True)


def test_a_form_accepted_before_such_forms_were_refused_says_what_to_do_and_not_to_wait():
    renderer = PdfRenderer(io.BytesIO(dynamic_form("Please wait...", needs_rendering=False)))
    with pytest.raises(NotReadable) as refused:
        renderer.draw(1, 600)
    assert refused.value.code is PageError.NOT_PAGES
    assert "en PDF" in FAULTS[refused.value.code]


def test_signs_that_no_font_of_this_machine_draws_are_not_hidden_by_anybody():
    assert read(arabic_font_not_held()).hidden == 0


def test_what_a_damaged_page_sends_beyond_any_sheet_is_hidden_by_nobody():
    sent = "BT /F 24 Tf 20 150 Td (Bonjour) Tj ET BT /F 24 Tf 1 0 0 1 {} 100 Tm (Dupont) Tj ET"
    assert (read(page(sent.format(5_000_000))).text.split(), read(page(sent.format(5_000_000))).hidden) == (
        ["Bonjour"],
        0,
    )
    assert read(page(sent.format(600))).hidden == len(SECRET)


def test_a_letter_larger_than_any_sheet_is_arranged_with_the_others():
    grid = Grid()
    grid.add((0, 0, 10**9, 10**9))
    assert list(grid.touching((10**8, 10**8, 10**8 + 5, 10**8 + 5)))
    assert read(page(WRITTEN + "BT /F 90000 Tf 20 100 Td (Dupont) Tj ET")).text.split()[0] == "Bonjour"


def test_a_page_of_thousands_of_objects_is_read_in_a_moment():
    written = "".join(f"BT /F 6 Tf {8 + x * 4} {8 + y * 7} Td (a) Tj ET\n" for y in range(80) for x in range(60))
    began = time.process_time()
    found = read(page(written + "0 g 0 0 300 20 re f", size=(300, 600)))
    assert found.hidden
    assert found.text
    assert time.process_time() - began < 5
