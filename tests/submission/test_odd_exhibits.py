"""A book whose exhibits are files that nobody here would write."""

import pytest
from sqlalchemy import select

from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.submission.rules.returns import EditionKind
from tests.active_pdfs import dynamic_form, unpacked
from tests.calling import calling_documents
from tests.documents.reading import pages_of
from tests.honest_pdfs import font_not_held, form_field
from tests.honest_sample import scanned
from tests.pdf_readers import assert_opened_by_all
from tests.submission.test_editions import PAGES, books_of, replace_content, world

pytestmark = pytest.mark.slow

__all__ = ["world"]


def odd_pdfs() -> list[bytes]:
    """Return PDFs of one page: turned scans, a form, one that calls, one that waits for Adobe's program, and
    one whose font is not held.
    """
    return [
        *(scanned(turn) for turn in (90, 180, 270)),
        form_field([r"Une r\351ponse bien trop longue"]),
        calling_documents("http://canari.example")["PDF"][1],
        dynamic_form("Please wait...", needs_rendering=False),
        font_not_held("中文简历", "GB1", "UniGB-UTF16-H"),
    ]


def test_a_book_of_odd_files_is_opened_by_three_readers_and_calls_nobody(app, store, world, tmp_path):
    with store.transaction() as session:
        files = session.scalars(select(EvidenceFile).where(EvidenceFile.pages == PAGES)).all()
        for file, content in zip(files, odd_pdfs(), strict=False):
            replace_content(app, session, file, content)
    for kind, book in books_of(app, store, world).items():
        assert_opened_by_all(book, tmp_path)
        assert b"canari.example" not in unpacked(book)
        texts = pages_of(book)
        assert not any("Please wait" in text for text in texts)
        if kind is EditionKind.READING:  # the archival one lays each page as its image
            stamped = [text for text in texts if "· p. 1/1" in text]
            assert len(stamped) == 10
            assert sum("Benali" in text for text in stamped) == 3
            assert sum("n’a pas pu être imprimée" in text for text in stamped) == 1, "the form of Adobe's program"
