"""The book always comes: a page that ends, fills or loops a reader of PDF gives way to its picture, or to a sentence.

`make test` lays forty pages, the rest makes books of them in the sandbox; `TESTS=exhaustive` makes them of 300.
"""

import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Name

from portfolio.documents.livret import making
from portfolio.documents.livret.book import ExhibitContents, ExhibitPage, PageSource
from portfolio.documents.livret.making import BookSource, made_book
from portfolio.documents.livret.readers import fatal_pages
from portfolio.documents.livret.sources import BookFolder, ExhibitFile, ExhibitSource
from portfolio.domain.submission.rules.returns import EditionKind
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.wording.documents.livret import WORDS, book_values
from tests import samples
from tests.documents.livret.hostile_pages import BREAKINGS, hostile_pdf, hostile_pdfs
from tests.documents.livret.test_broken_pages import AT, IMAGE, laid
from tests.documents.reading import pages_of
from tests.submission.dossiers import BUDGET, SAMIA
from tests.thoroughness import EXHAUSTIVE

# Exhibits of one book.
_PIECES = 50
JPX = [name for name in BREAKINGS if name.startswith(("jpx", "jbig2"))]


@pytest.mark.parametrize("way", BREAKINGS)
def test_a_hostile_page_is_laid_and_the_book_is_opened(tmp_path, way):
    laid(tmp_path, hostile_pdf(BREAKINGS[way]))
    with pikepdf.open(tmp_path / "output.pdf") as book:
        assert len(book.pages) == 1


@pytest.mark.parametrize("turn", range(4))
@pytest.mark.parametrize("way", JPX)
def test_jpeg_2000_and_jbig2_are_never_laid_wherever_they_stand(tmp_path, way, turn):
    pictures, exhibit = laid(tmp_path, hostile_pdf(BREAKINGS[way], turn))
    with pikepdf.open(tmp_path / "output.pdf") as book:
        streams = [found for found in book.objects if isinstance(found, pikepdf.Stream)]
        assert not any(name in str(found.get("/Filter")) for found in streams for name in ("JPX", "JBIG2"))
        drawn = b"".join(found.read_bytes() for found in streams if found.get("/Subtype") != "/Image")
    assert b"ID " not in drawn
    assert (pictures, exhibit.needed) == ([400], set())


def _source(store: LocalStore, pdfs: Sequence[bytes]) -> BookSource:
    """Return a dossier whose exhibits are these PDFs of one page, of which the pictures are kept."""
    image = store.save(new_key(), io.BytesIO(IMAGE))
    exhibits, contents, sources = [], {}, {}
    for rank, pdf in enumerate(pdfs, 1):
        label, saved = f"B1-{rank:02}", store.save(new_key(), io.BytesIO(pdf))
        exhibits.append(replace(BUDGET, label=label))
        file = ExhibitFile(label, saved.key, "application/pdf", saved.sha256, 1)
        images = {1: (image.key, image.sha256)} if rank % 7 else {}
        sources[label] = ExhibitSource(file, saved.key, saved.sha256, images, frozenset({1}))
        contents[label] = ExhibitContents(pages=(ExhibitPage(1, PageSource.OWN, "texte"),))
    return BookSource(replace(SAMIA, exhibits=tuple(exhibits)), "0" * 64, b"{}", contents, sources)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, 300 if EXHAUSTIVE else len(BREAKINGS), _PIECES))
def test_a_book_of_hostile_pages_is_made_and_no_reader_ends_on_it(tmp_path, first):
    pdfs = [pdf for _, pdf in hostile_pdfs(300 if EXHAUSTIVE else len(BREAKINGS))[first : first + _PIECES]]
    source = _source(LocalStore(tmp_path / "store"), pdfs)
    with made_book(
        LocalStore(tmp_path / "store"), source, EditionKind.READING, book_values, WORDS, at=AT, every_image=True
    ) as folder:
        told = json.loads((folder / "answer.json").read_text())
        with pypdfium2.PdfDocument(folder / "output.pdf") as book:
            pages = len(book)
        assert fatal_pages(folder / "output.pdf", pages, lambda: False) == frozenset()
    assert set(told["replaced"]) <= {exhibit.label for exhibit in source.dossier.exhibits}


@pytest.mark.slow
def test_each_piece_that_ends_the_making_gives_way_alone(tmp_path, monkeypatch):
    """Its pictures are a few bytes that unpack to gigabytes: the process is stopped while it looks at them."""
    monkeypatch.setattr(making, "LIMITS", replace(making.LIMITS, cpu_seconds=4))
    with pikepdf.open(io.BytesIO(hostile_pdf(BREAKINGS["layers"]))) as pdf:
        del pdf.Root.OCProperties
        swollen = zlib.compress(zlib.compress(bytes(1_000_000_000), 1), 9)
        for rank in range(12):
            picture = pdf.make_stream(swollen, Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
            picture.Filter = Array([Name.FlateDecode] * 2)
            pdf.pages[0].obj.Resources.XObject[f"/P{rank}"] = picture
        pdf.save(tmp_path / "slow.pdf")
    store = LocalStore(tmp_path / "store")
    source = _source(store, [(tmp_path / "slow.pdf").read_bytes(), samples.pdf(1, "Page saine")])
    with made_book(store, source, EditionKind.READING, book_values, WORDS, at=AT) as folder:
        assert json.loads((folder / "answer.json").read_text()) == {"replaced": {"B1-01": [1]}, "unprinted": {}}
        assert "Page saine" in " ".join(pages_of((folder / "output.pdf").read_bytes()))


def test_what_gives_way_is_the_page_then_its_picture_then_nothing_is_left(tmp_path):
    store = LocalStore(tmp_path / "store")
    source = _source(store, [samples.pdf(1), samples.pdf(1)])
    folder = BookFolder(tmp_path, store, source.sources, WORDS)
    for label in source.sources:
        folder.add(label)
    assert folder.give_way("B1-01")
    assert (folder.exhibits["B1-01"]["own"], folder.exhibits["B1-01"]["replaced"]) == ([], [1])
    assert folder.exhibits["B1-01"]["images"]
    assert folder.exhibits["B1-02"]["own"] == [1]
    assert folder.give_way("B1-01")
    assert not folder.exhibits["B1-01"]["images"]
    assert not folder.give_way("B1-01")
    assert folder.give_way(None), "the other one is left"
    assert folder.exhibits["B1-02"]["own"] == []
