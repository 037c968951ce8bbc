"""The images of pages: how long the first page of a long PDF takes beside pypdfium2 alone, and what a page image
weighs.

The page is asked for and drawn as a worker does: claimed, drawn in the sandbox, its image in the store and its row
committed. What is held to the target is the drawing in the sandbox, from the open file to the image; the whole way is
measured beside it. Each try of the product is next to one of pypdfium2, so that a busy machine slows both alike.
"""

import io
import os
import statistics
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pypdfium2
from sqlalchemy import select

from benchmarks.measure import Line, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import DRAWN_AHEAD, PageSize, Priority, RenditionKind
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.page_images import find_page, request_page
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions import page_drawing
from portfolio.files.renditions.page_images.client import RenderedPage, render_pages
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from portfolio.run.worker import rendition_worker
from tests import samples

PAGES, TRIES, LINES = 300, 9, 40
MAX_RATIO, MAX_MEDIAN_BYTES = 1.5, 120_000


def measure() -> Iterator[Line]:
    """The median of several openings; the weights of the first pages of the corpus, when there is one."""
    book = _book()
    size = Size(11, 40)
    with scene([size]) as made:
        drawing = _Drawing(made, made.dossiers[size])
        drawing.first_page(book)  # the process that draws is warm
        tries = [(_of(_draw_alone, book), drawing.first_page(book)) for _ in range(TRIES)]
    name = f"première page d’un PDF de {PAGES} pages"
    reference, subject = (statistics.median(one[side].wall for one in tries) for side in (0, 1))
    met = subject <= MAX_RATIO * reference
    yield Line(name, _ms(reference), _ms(subject), times(subject, reference), f"≤ {MAX_RATIO} ×".replace(".", ","), met)
    reference, subject = (statistics.median(one[side].processor for one in tries) for side in (0, 1))
    yield Line(f"{name}, temps de processeur", _ms(reference), _ms(subject), times(subject, reference))
    bare = statistics.median(_of(_draw_alone, book, with_image=False).wall for _ in range(TRIES))
    subject = statistics.median(one.wall for _, one in tries)
    yield Line(f"{name}, à côté du dessin sans image", _ms(bare), _ms(subject), times(subject, bare))
    reference = statistics.median(one.wall for one, _ in tries)
    for words, seconds in (
        ("prise, dessinée, gardée", [one.kept for _, one in tries]),
        ("puis son texte et sa vignette", [one.whole for _, one in tries]),
    ):
        subject = statistics.median(seconds)
        yield Line(f"{name} : {words}", _ms(reference), _ms(subject), times(subject, reference))
    sizes = list(_sizes(os.environ.get("ACQUIS_CORPUS", "")))
    if sizes:
        median = statistics.median(sizes)
        name = f"image de page, médiane de {len(sizes)} pages à {PageSize.PAGE.width} pixels"
        yield Line(
            name, "", f"{median / 1000:.0f} ko", "", f"≤ {MAX_MEDIAN_BYTES // 1000} ko", median <= MAX_MEDIAN_BYTES
        )


@dataclass(frozen=True)
class _Taken:
    """Seconds that an image takes, on the wall and of processor; until it is kept with its row; until the
    page is whole.
    """

    wall: float
    processor: float
    kept: float = 0.0
    whole: float = 0.0


class _Drawing:
    """A worker that draws the first page of files sent to a dossier."""

    def __init__(self, made: Scene, dossier: FullDossier) -> None:
        self._made, self._dossier = made, dossier
        self._store, self._worker = LocalStore(made.config.files), rendition_worker(made.app)
        self._seen: dict[str, float] = {}
        self._drawn = page_drawing.render_pages

    def first_page(self, book: bytes) -> _Taken:
        """Send a book, ask for its first page, and return what it took to have it."""
        key = self._ask(book)
        self._seen.clear()
        page_drawing.render_pages = self._watched
        began = time.perf_counter()
        task = self._worker.claim_page()
        assert task is not None
        try:
            task()
        finally:
            page_drawing.render_pages = self._drawn
        with self._made.database.reader() as session:
            assert find_page(session, key, 1, PageSize.PAGE).key is not None
        kept, whole = self._seen["kept"] - began, time.perf_counter() - began
        return _Taken(self._seen["wall"], self._seen["processor"], kept, whole)

    def _watched(self, *asked: Any, **awaited: Any) -> Generator[RenderedPage, None, None]:
        """Note when the image comes, and when it is kept: the worker comes for the rest of the page."""
        began, worked = time.perf_counter(), time.process_time()
        for painted in self._drawn(*asked, **awaited):
            self._seen.setdefault("wall", time.perf_counter() - began)
            self._seen.setdefault("processor", time.process_time() - worked + painted.cpu_seconds)
            yield painted
            self._seen.setdefault("kept", time.perf_counter())

    def _ask(self, book: bytes) -> str:
        stored = self._store.save(new_key(), io.BytesIO(book))
        file = ReceivedFile(stored.key, "livre.pdf", "application/pdf", "document", PAGES, stored.size, stored.sha256)
        at = datetime.now(UTC)
        with self._made.database.transaction() as session:
            add_evidence(session, self._dossier.candidacy_id, [file], by=self._dossier.person_id, at=at)
            query = select(Rendition.id).join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
            order = session.scalars(
                query.where(EvidenceFile.key == stored.key, Rendition.kind == RenditionKind.PAGES)
            ).one()
            request_page(session, order, 1, Priority.HIGH, at=at)
        return stored.key


def _book() -> bytes:
    text = b"Suivi du projet et de son budget " * 3
    lines = b"".join(b"BT /F1 11 Tf 60 %d Td (%s) Tj ET " % (800 - 18 * n, text) for n in range(LINES))
    return samples.pdf(PAGES, content=lines)


def _draw_alone(book: bytes, *, with_image: bool = True) -> None:
    """Open the PDF, draw its first page as wide as the product does, and write it as one WebP, without text
    or sandbox.
    """
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


def _of(act: Callable[..., object], *given: Any, **more: Any) -> _Taken:
    began, worked = time.perf_counter(), time.process_time()
    act(*given, **more)
    return _Taken(time.perf_counter() - began, time.process_time() - worked)


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"
