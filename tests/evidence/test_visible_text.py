"""The text of a page: what the page shows, never what it hides."""

from __future__ import annotations

import time

import pypdfium2
import pytest

from portfolio.files.renditions.page_images.visible_text import visible_text
from tests.pdf_pages import HIDING, SECRET, SHOWING, page


def read(content: bytes):
    document = pypdfium2.PdfDocument(content)
    document.init_forms()
    return visible_text(document[0])


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


def test_only_the_covered_part_of_a_line_is_hidden():
    found = read(page("BT /F 24 Tf 20 100 Td (Madame Dupont) Tj ET 0 g 112 92 160 30 re f"))
    assert (found.text.split(), found.hidden) == (["Madame"], len(SECRET))


def test_a_page_of_thousands_of_objects_is_read_in_a_moment():
    written = "".join(
        f"BT /F 6 Tf {8 + x * 4} {8 + y * 7} Td (a) Tj ET\n" for y in range(80) for x in range(60)
    )
    began = time.process_time()
    found = read(page(written + "0 g 0 0 300 20 re f", size=(300, 600)))
    assert found.hidden
    assert found.text
    assert time.process_time() - began < 5
