"""The images of pages: how long the first page of a long PDF takes beside pypdfium2 alone, and what a page image weighs."""

from __future__ import annotations

import io
import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pypdfium2

from benchmarks.measure import Line, times
from portfolio.domain.evidence.rules.rendition import DRAWN_AHEAD, PageSize
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions.page_images.client import render_pages
from tests import samples

PAGES, TRIES, LINES = 300, 9, 40
MAX_RATIO, MAX_MEDIAN_BYTES = 1.5, 120_000


def measure() -> Iterator[Line]:
    """The median of several openings; the weights of the first pages of the corpus, when there is one."""
    book = _book()
    list(render_pages(io.BytesIO(book), FileType.PDF, 1, 1))  # the process that draws is warm
    reference = statistics.median(_seconds(lambda: _draw_alone(book)) for _ in range(TRIES))
    bare = statistics.median(_seconds(lambda: _draw_alone(book, with_image=False)) for _ in range(TRIES))
    subject = statistics.median(_seconds(lambda: list(render_pages(io.BytesIO(book), FileType.PDF, 1, 1))) for _ in range(TRIES))
    name = f"première page d’un PDF de {PAGES} pages"
    met = subject <= MAX_RATIO * reference
    yield Line(name, _ms(reference), _ms(subject), times(subject, reference), f"≤ {MAX_RATIO} ×".replace(".", ","), met)
    yield Line(f"{name}, à côté du dessin sans image", _ms(bare), _ms(subject), times(subject, bare))
    sizes = list(_sizes(os.environ.get("ACQUIS_CORPUS", "")))
    if sizes:
        median = statistics.median(sizes)
        name = f"image de page, médiane de {len(sizes)} pages à {PageSize.PAGE.width} pixels"
        yield Line(name, "", f"{median / 1000:.0f} ko", "", f"≤ {MAX_MEDIAN_BYTES // 1000} ko", median <= MAX_MEDIAN_BYTES)


def _book() -> bytes:
    text = b"Suivi du projet et de son budget " * 3
    lines = b"".join(b"BT /F1 11 Tf 60 %d Td (%s) Tj ET " % (800 - 18 * n, text) for n in range(LINES))
    return samples.pdf(PAGES, content=lines)


def _draw_alone(book: bytes, *, with_image: bool = True) -> None:
    """Open the PDF, draw its first page as wide as the product does, and write it as one WebP, without text or sandbox."""
    document = pypdfium2.PdfDocument(book)
    page = document[0]
    image = page.render(scale=PageSize.PAGE.width / page.get_width()).to_pil()
    if with_image:
        image.save(io.BytesIO(), "WEBP", quality=85, method=2)
    document.close()


def _sizes(corpus: str) -> Iterator[int]:
    for path in sorted(Path(corpus).rglob("*.pdf")) if corpus else ():
        with path.open("rb") as content:
            for page in render_pages(content, FileType.PDF, 1, 3, DRAWN_AHEAD):
                if PageSize.PAGE in page.images:
                    yield len(page.images[PageSize.PAGE])


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
