"""Open each page of a book with three readers before the book is given: Poppler, PDFium and qpdf, in the sandbox.

Poppler is a program of the system: where it is not installed, two readers are left.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pikepdf
import pypdfium2
import structlog

from portfolio.files.conversion.codes import NotConverted
from portfolio.files.conversion.processes import run_main
from portfolio.files.sandbox.process import create_anew
from portfolio.files.sandbox.program_sandbox import ProgramLimits, run_program
from portfolio.files.storage.temporary_folder import temporary_folder

log = structlog.get_logger("acquis")

# Pages that a reader opens in one run. One on which it ends, or is still after the seconds of the whole run, is opened
# alone, and has these seconds of processor.
_PAGES_A_RUN, _SECONDS_ALONE = 200, 20
_LIMITS = ProgramLimits(cpu_seconds=180, memory=2 * 1024**3, file_bytes=20_000_000)
_DOTS_PER_INCH = 30
# What Poppler reads beside the book: the fonts that a file does not hold, and how other alphabets are written.
_POPPLER_READS = ("/etc/fonts", "/usr/share/fonts", "/usr/share/fontconfig", "/usr/share/poppler", "/var/cache/fontconfig")
_PAGE = re.compile(r"page-0*(\d+)\b")

# Opens the pages of a book from one to another (from 1), and leaves a file named by each in a folder.
Reader = Callable[[Path, Path, int, int, ProgramLimits], None]


def poppler_path() -> str | None:
    """Return the path of Poppler's program that draws pages; None where it is not installed."""
    return shutil.which("pdftoppm")


def fatal_pages(book: Path, count: int, is_stopped: Callable[[], bool]) -> frozenset[int]:
    """Return the pages of a book of `count` pages (from 1) on which a reader ends, or does not come to an end."""
    book, poppler = book.resolve(), poppler_path()
    readers: dict[str, Reader] = {name: partial(_open_with_library, name) for name in _LIBRARIES}
    if poppler is not None:
        readers["poppler"] = partial(_open_with_poppler, poppler)
    return frozenset(page for name, reader in readers.items() for page in _fatal_to(name, reader, book, count, is_stopped))


def _fatal_to(name: str, reader: Reader, book: Path, count: int, is_stopped: Callable[[], bool]) -> Iterator[int]:
    first, alone = 1, replace(_LIMITS, cpu_seconds=_SECONDS_ALONE)
    while first <= count and not is_stopped():
        last = min(first + _PAGES_A_RUN - 1, count)
        opened = _opened(reader, book, first, last, _LIMITS)
        page = next((page for page in range(first, last + 1) if page not in opened), None)
        if page is not None and not _opened(reader, book, page, page, alone):
            if page == 1:  # the cover, of our own making: what does not work here is the reader
                log.warning("reader_left_out", reader=name)
                return
            yield page
        first = (page or last) + 1


def _opened(reader: Reader, book: Path, first: int, last: int, limits: ProgramLimits) -> set[int]:
    """Return those of these pages that a reader opens before it ends."""
    with temporary_folder() as folder:
        try:
            reader(book, folder, first, last, limits)
        except (NotConverted, TimeoutError) as error:
            log.info("reader_ended", first=first, last=last, kind=type(error).__name__)
        return {int(found[1]) for path in folder.iterdir() if (found := _PAGE.match(path.name))}


def _open_with_poppler(program: str, book: Path, folder: Path, first: int, last: int, limits: ProgramLimits) -> None:
    asked = ["-r", str(_DOTS_PER_INCH), "-gray", "-f", str(first), "-l", str(last), str(book), "page"]
    run_program([program, *asked], folder, limits, read=[program, str(book), *_POPPLER_READS])


def _open_with_library(name: str, book: Path, folder: Path, first: int, last: int, limits: ProgramLimits) -> None:
    run_main(__name__, folder, name, str(book), str(first), str(last), limits=limits, read=[str(book)])


def main() -> None:
    """Open the pages of a book with a library, and leave a file of the name of each; in the sandbox."""
    name, book, first, last = sys.argv[-4:]
    for page in _LIBRARIES[name](Path(book), int(first) - 1, int(last)):
        create_anew(Path(f"page-{page + 1}")).close()
    Path("answer.json").write_text(json.dumps({}), "ascii")


def _drawn_by_pdfium(book: Path, first: int, end: int) -> Iterator[int]:
    with pypdfium2.PdfDocument(book) as document:
        for page in range(first, end):
            try:
                sheet = document[page]
            except pypdfium2.PdfiumError:
                continue
            sheet.render(scale=_DOTS_PER_INCH / 72)
            sheet.close()
            yield page


def _read_by_qpdf(book: Path, first: int, end: int) -> Iterator[int]:
    with pikepdf.open(book) as document:
        for page in range(first, end):
            with pikepdf.new() as alone:
                alone.pages.append(document.pages[page])
                alone.check_pdf_syntax()
            yield page


_LIBRARIES: dict[str, Callable[[Path, int, int], Iterator[int]]] = {"pdfium": _drawn_by_pdfium, "qpdf": _read_by_qpdf}
