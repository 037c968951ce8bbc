"""Pages that break the reader of their file: the book is made, with their picture or a sentence in their place."""

import hashlib
import io
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from portfolio.documents.livret.book import ExhibitContents, ExhibitPage, PageSource
from portfolio.documents.livret.making import BookSource, Exhibit, _lay_readable, made_book
from portfolio.documents.livret.overlay import Overlay
from portfolio.documents.livret.pages import frame_of
from portfolio.documents.livret.sources import ExhibitFile, ExhibitSource
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import FileStore, new_key
from portfolio.wording.documents.livret import WORDS, book_values
from tests import samples
from tests.documents.reading import pages_of
from tests.submission.dossiers import BUDGET, SAMIA

AT = datetime(2026, 3, 4, 10, 0, tzinfo=UTC)
SENTENCE = "Cette page n’a pas pu être imprimée"


def with_a_drawing_filed_as_a_picture(pdf: pikepdf.Pdf) -> None:
    """Say of the second part of the drawing that it is a JBIG2 picture: another program would have to read it."""
    _add_part(pdf, bytes.fromhex("0000000030000100000008000000080000000000"), Name.JBIG2Decode)


def _with_a_drawing_that_is_not_packed_as_it_says(pdf: pikepdf.Pdf) -> None:
    _add_part(pdf, b"not packed", Name.FlateDecode)


def _with_a_font_whose_parts_are_a_number(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Resources.Font.F9 = Dictionary(Subtype=Name.Type0, DescendantFonts=12)


def _with_a_note_whose_drawing_is_a_number(pdf: pikepdf.Pdf) -> None:
    pdf.pages[0].obj.Annots = Array([Dictionary(Type=Name.Annot, Subtype=Name.FreeText, Rect=[0, 0, 9, 9], AP=12)])


def _with_layers_that_are_a_number(pdf: pikepdf.Pdf) -> None:
    pdf.Root.OCProperties = Dictionary(D=12)


def _add_part(pdf: pikepdf.Pdf, content: bytes, packed: Name) -> None:
    part, page = pdf.make_stream(content), pdf.pages[0].obj
    part.Filter = packed
    page.Contents = Array([page.Contents, part])


BREAKINGS = (
    with_a_drawing_filed_as_a_picture,
    _with_a_drawing_that_is_not_packed_as_it_says,
    _with_a_font_whose_parts_are_a_number,
    _with_a_note_whose_drawing_is_a_number,
    _with_layers_that_are_a_number,
)


def broken_pdf(breaking: Callable[[pikepdf.Pdf], None]) -> bytes:
    """Return a page of which something is broken; PDFium draws it all the same."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(samples.pdf(1, "Page cassee"))) as pdf:
        breaking(pdf)
        pdf.save(out)
    return out.getvalue()


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return LocalStore(tmp_path)


def _kept(store: FileStore, content: bytes) -> tuple[str, str]:
    saved = store.save(new_key(), io.BytesIO(content))
    return saved.key, saved.sha256


def book_with(store: FileStore, pdf: bytes, image: bytes | None, edition: EditionKind = EditionKind.READING) -> bytes:
    """Return the book of an exhibit of one page, of which the store has this image."""
    key, digest = _kept(store, pdf)
    file = ExhibitFile(BUDGET.label, key, "application/pdf", digest, 1)
    images = {1: _kept(store, image)} if image is not None else {}
    source = ExhibitSource(file, key, digest, images, frozenset({1}))
    contents = ExhibitContents(pages=(ExhibitPage(1, PageSource.OWN, "texte"),))
    root = hashlib.sha256(pdf).hexdigest()
    book = BookSource(SAMIA, root, b"{}", {BUDGET.label: contents}, {BUDGET.label: source})
    with made_book(store, book, edition, book_values, WORDS, at=AT) as folder:
        return (folder / "output.pdf").read_bytes()


def _pictures(book: bytes) -> list[int]:
    """Return the width of each picture of a book."""
    with pikepdf.open(io.BytesIO(book)) as pdf:
        streams = [found for found in pdf.objects if isinstance(found, pikepdf.Stream)]
        return [int(found.Width) for found in streams if found.get("/Subtype") == "/Image"]


IMAGE = samples.image("WEBP", (400, 560))
FRAME = frame_of(is_landscape=False)


def laid(folder: Path, pdf: bytes, image: bytes = IMAGE) -> tuple[list[int], Exhibit]:
    """Lay the one page of an exhibit in a book, and return the pictures of the book."""
    (folder / "frame.pdf").write_bytes(samples.pdf(1))
    (folder / "B1-01.pdf").write_bytes(pdf)
    (folder / "B1-01-1.webp").write_bytes(image)
    told = {"pdf": "B1-01.pdf", "own": [1], "replaced": [], "undrawn": [], "images": {"1": "B1-01-1.webp"}, "kept": [1]}
    exhibit, overlay = Exhibit(folder, told | {"recording": "", "not_drawn": SENTENCE}), Overlay(folder / "frame.pdf")
    overlay.places = {("B1-01", 1): 0}
    exhibit.prepare({"sheets": [{"number": 1}]}, archival=False)
    exhibit.lay(overlay, "B1-01", 1, FRAME)
    overlay.save(folder / "output.pdf")
    return _pictures((folder / "output.pdf").read_bytes()), exhibit


@pytest.mark.parametrize("breaking", BREAKINGS)
def test_a_page_that_breaks_the_reader_of_its_file_is_laid_as_its_picture(tmp_path, breaking):
    assert laid(tmp_path, broken_pdf(breaking))[0] == [400]


def test_a_drawing_that_swells_in_its_second_part_is_not_laid_as_it_is(tmp_path):
    def swelling(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        page.Contents = Array([page.Contents, pdf.make_stream(b" " * 40_000_000)])

    assert laid(tmp_path, broken_pdf(swelling))[0] == [400]


def test_a_drawing_in_several_parts_is_laid_as_it_is(tmp_path):
    def in_parts(pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0].obj
        page.Contents = Array([page.Contents, pdf.make_stream(b"q Q")])

    pictures, exhibit = laid(tmp_path, broken_pdf(in_parts))
    assert not exhibit.replaced
    assert pictures == []
    assert "Page cassee" in pages_of((tmp_path / "output.pdf").read_bytes())[0]


def test_a_page_whose_picture_cannot_be_read_is_laid_in_another_turn(tmp_path):
    def too_long_in_all(pdf: pikepdf.Pdf) -> None:
        pdf.pages[0].obj.Contents = Array([pdf.make_stream(b" " * 16_000_000)] * 2)

    pictures, exhibit = laid(tmp_path, broken_pdf(too_long_in_all), IMAGE[: len(IMAGE) // 2])
    assert pictures == []
    assert exhibit.needed == {1}


def test_a_page_of_which_the_store_has_no_picture_is_drawn_for_the_book(store):
    book = book_with(store, broken_pdf(with_a_drawing_filed_as_a_picture), IMAGE[: len(IMAGE) // 2])
    assert len(_pictures(book)) == 1
    assert SENTENCE not in _text_of(book)


@pytest.mark.parametrize("edition", [EditionKind.READING, EditionKind.ARCHIVAL])
def test_a_page_that_nothing_draws_says_so(store, edition):
    book = book_with(store, b"%PDF-1.7 no more", b"no picture", edition)
    assert SENTENCE in _text_of(book)
    assert _pictures(book) == []


def test_a_book_that_cannot_be_written_with_pages_as_they_are_is_written_with_their_pictures(tmp_path):
    exhibit = laid(tmp_path, samples.pdf(1))[1]
    values = {"draft": False, "exhibits": [{"label": "B1-01", "sheets": [{"number": 1, "landscape": False}]}]}
    (tmp_path / "frame.pdf").write_bytes(b"no book")
    _lay_readable(tmp_path, tmp_path / "frame.pdf", values, {"B1-01": exhibit}, print)
    assert exhibit.needed == {1}


def _text_of(book: bytes) -> str:
    return " ".join(" ".join(pages_of(book)).split())
