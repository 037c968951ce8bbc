"""Each page of a book is opened by every reader, in the sandbox: those that end one are named."""

import io
from pathlib import Path

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from portfolio.documents.livret import readers
from tests import samples

pytestmark = pytest.mark.slow


def a_book(folder: Path, breaking: int, pages: int = 3) -> Path:
    """Write a book of which one page (from 1) is no page: a number stands in its place."""
    path = folder / "book.pdf"
    with pikepdf.open(io.BytesIO(samples.pdf(pages))) as pdf:
        if breaking:
            pdf.Root.Pages.Kids[breaking - 1] = pdf.make_indirect(12)
        pdf.save(path)
    return path


def never() -> bool:
    return False


def test_a_book_that_is_well_has_no_fatal_page(tmp_path):
    assert readers.fatal_pages(a_book(tmp_path, 0), 3, never) == frozenset()


def test_the_page_that_a_reader_does_not_open_is_named_and_those_after_it_are_opened(tmp_path):
    path = a_book(tmp_path, 0)
    assert readers.fatal_pages(path, 4, never) == {4}, "the one that is not there"


def test_a_page_on_which_a_reader_hangs_is_named(tmp_path, monkeypatch):
    """A shading asks a function of sixteen megabytes of instructions for each point."""
    monkeypatch.setattr(readers, "_SECONDS_ALONE", 2)
    path = a_book(tmp_path, 0)
    with pikepdf.open(path, allow_overwriting_input=True) as pdf:
        function = pdf.make_stream(
            b"{ " + b"dup mul sqrt " * 1_200_000 + b"}", FunctionType=4, Domain=[0, 1, 0, 1], Range=[0, 1]
        )
        shading = Dictionary(ShadingType=1, ColorSpace=Name.DeviceGray, Function=function, Domain=[0, 1, 0, 1])
        pattern = Dictionary(Type=Name.Pattern, PatternType=2, Shading=shading, Matrix=Array([600, 0, 0, 800, 0, 0]))
        page = pdf.pages[1].obj
        page.Resources.Pattern = Dictionary(P=pattern)
        page.Contents = pdf.make_stream(b"/Pattern cs /P scn 0 0 600 800 re f")
        pdf.save(path)
    assert readers.fatal_pages(path, 3, never) == {2}


def test_a_reader_that_does_not_work_here_is_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(readers, "poppler_path", lambda: "/bin/false")
    assert readers.fatal_pages(a_book(tmp_path, 0), 3, never) == frozenset()
