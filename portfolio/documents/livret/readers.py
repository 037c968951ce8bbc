"""Open each page of a book with three readers before the book is given: Poppler, PDFium and qpdf, in the sandbox.

Poppler is a program of the system: where it is not installed, two readers are left.
"""

import json
import re
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
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

# Pages that a reader opens in one run, and the seconds of processor that it has for one page alone. A page on which it
# ends, or is still when the seconds of the run are over, is opened alone.
_PAGES_A_RUN, _SECONDS_ALONE = 200, 10
_MEMORY, _FILE_BYTES = 2 * 1024**3, 20_000_000
_DOTS_PER_INCH = 30
# What Poppler reads beside the book: the fonts that a file does not hold, and how other alphabets are written.
_POPPLER_READS = (
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/share/fontconfig",
    "/usr/share/poppler",
    "/var/cache/fontconfig",
)
_PAGE = re.compile(r"page-0*(\d+)\b")

# Opens the pages of a book from one to another (from 1), and writes a file named by each in a folder.
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
    found: set[int] = set()
    for name, reader in readers.items():
        pages = [page for page in range(1, count + 1) if page not in found]
        found.update(_fatal_to(name, reader, book, pages, is_stopped))
    return frozenset(found)


def _fatal_to(
    name: str, reader: Reader, book: Path, pages: Sequence[int], is_stopped: Callable[[], bool]
) -> Iterator[int]:
    """Yield those of these pages on which one reader ends."""
    rank = 0
    while rank < len(pages) and not is_stopped():
        run = [page for nth, page in enumerate(pages[rank : rank + _PAGES_A_RUN]) if page == pages[rank] + nth]
        opened = _opened(reader, book, run[0], run[-1])
        page = next((page for page in run if page not in opened), None)
        if page is not None and not _opened(reader, book, page, page):
            if page == 1:  # the cover, of our own making: what does not work here is the reader
                log.warning("reader_left_out", reader=name)
                return
            log.info("page_ends_a_reader", reader=name, page=page)
            yield page
        rank += run.index(page or run[-1]) + 1


def _opened(reader: Reader, book: Path, first: int, last: int) -> set[int]:
    """Return those of these pages that a reader opens before it ends."""
    limits = ProgramLimits(cpu_seconds=_SECONDS_ALONE + (last - first) // 4, memory=_MEMORY, file_bytes=_FILE_BYTES)
    with temporary_folder() as folder:
        with suppress(NotConverted, TimeoutError):  # the pages that it opened tell
            reader(book, folder, first, last, limits)
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
