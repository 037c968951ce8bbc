"""Check what acts by itself in a document: its owner keeps the file that the seal names, others receive a copy
without it.
"""

import io
import os
from pathlib import Path

import pikepdf
import pytest

from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import ActiveContent, FileType
from portfolio.files.renditions.shared_copies.client import find_active_content
from tests import samples
from tests.active_pdfs import active_pdf, carrying, unpacked
from tests.evidence.test_shared_copies import copy_of, drawn

HOSTILE = Path(os.environ.get("ACQUIS_CORPUS", "")) / "hostile"
NAME, DICT, TEXT = pikepdf.Name, pikepdf.Dictionary, pikepdf.String


@pytest.mark.parametrize(("compressed", "locked"), [(False, False), (True, False), (True, True)])
def test_others_receive_a_pdf_in_which_nothing_acts_and_whose_pages_are_the_same(compressed, locked):
    whole = active_pdf(compressed=compressed, locked=locked)
    copy = copy_of(whole, FileType.PDF)
    said = unpacked(copy)
    assert b"canari" in unpacked(whole)
    assert b"canari" not in said
    assert b"https://www.exemple.fr/page" in said
    assert drawn(copy) == drawn(whole)
    assert sniff(io.BytesIO(copy), len(copy)).pages == 2
    assert copy_of(copy, FileType.PDF) == copy


def test_what_is_taken_out_is_named():
    whole = active_pdf()
    found = find_active_content(io.BytesIO(whole), len(whole))
    assert found == {ActiveContent.SCRIPT, ActiveContent.STARTS, ActiveContent.SENDS_FORM, ActiveContent.OPENS_FILE}


@pytest.mark.parametrize("typed", [True, False])
def test_what_a_pdf_carries_is_read_as_pages_and_not_given(typed):
    copy = copy_of(carrying(active_pdf(), typed=typed), FileType.PDF)
    with pikepdf.open(io.BytesIO(copy)) as document:
        assert not document.attachments
    assert b"canari" not in unpacked(copy)


def test_an_ordinary_pdf_with_links_and_bookmarks_is_given_as_it_is():
    with pikepdf.open(io.BytesIO(samples.pdf(3))) as document:
        with document.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem("Deuxième page", 1))
        page = document.pages[0].obj
        page.Annots = [
            DICT(Type=NAME.Annot, Subtype=NAME.Link, Rect=[0, 0, 9, 9], A=DICT(S=NAME.URI, URI=TEXT("mailto:a@b.fr")))
        ]
        document.Root.OpenAction = DICT(S=NAME.GoTo, D=[page, NAME.Fit])
        made = io.BytesIO()
        document.save(made)
    assert copy_of(made.getvalue(), FileType.PDF) == made.getvalue()


@pytest.mark.skipif(not HOSTILE.is_dir(), reason="ACQUIS_CORPUS is not set")
@pytest.mark.parametrize("name", ["testPDF_jsActionOnPage.pdf", "testPDF_malformedXFA.pdf"])
def test_a_pdf_of_the_corpus_with_a_script_reaches_nobody_with_it(name):
    content = (HOSTILE / name).read_bytes()
    said = unpacked(copy_of(content, FileType.PDF))
    assert b"/JS" not in said
    assert b"/XFA" not in said
    assert b"/AA" not in said
