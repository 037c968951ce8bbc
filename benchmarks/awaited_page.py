"""Measure the wait for the first page of a light file with twenty books in the queue, beside an empty queue.

The server and the worker run in processes of their own, on the same machine; the reader asks as a browser does.
"""

from __future__ import annotations

import http.client
import io
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from sqlalchemy import func, select

from benchmarks.measure import Line, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from benchmarks.servers import served, worker_running
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from tests import samples

BOOKS, BOOK_PAGES, LIGHT_PAGES, TRIES = 20, 300, 2, 7
MAX_SECONDS, MAX_RATIO = 2.0, 3.0
ASK_EVERY_S = 0.05
LINES = 40


def measure() -> Iterator[Line]:
    """The median of a few light files with each queue; the worst of them against the two seconds that a
    person bears.
    """
    size = Size(11, 40)
    with scene([size]) as made, served(made, 1) as [(port, _)], worker_running(made):
        dossier = made.dossiers[size]
        cookie = made.browser_cookie(dossier.token, f"/dossiers/{dossier.candidacy_id}")
        _wait_for_page(port, cookie, _send(made, dossier, LIGHT_PAGES))  # both processes are warm
        empty = [_wait_for_page(port, cookie, _send(made, dossier, LIGHT_PAGES)) for _ in range(TRIES)]
        for _ in range(BOOKS):
            _send(made, dossier, BOOK_PAGES)
        _wait_until_books_are_drawn(made)
        full = [_wait_for_page(port, cookie, _send(made, dossier, LIGHT_PAGES)) for _ in range(TRIES)]
        left = _pending_books(made)
    if left < BOOKS:
        raise RuntimeError("the books were drawn before the measure ended")
    reference, subject, worst = statistics.median(empty), statistics.median(full), max(full)
    name = f"première page, {BOOKS} livres en attente"
    yield Line(
        name,
        _s(reference),
        _s(subject),
        times(subject, reference),
        f"≤ {MAX_RATIO:.0f} ×",
        subject <= MAX_RATIO * reference,
    )
    yield Line(
        f"{name}, au pire de {TRIES}",
        _s(max(empty)),
        _s(worst),
        times(worst, max(empty)),
        f"< {MAX_SECONDS:.0f} s",
        worst < MAX_SECONDS,
    )


def _send(made: Scene, dossier: FullDossier, pages: int) -> str:
    """Add a PDF of so many full pages to the dossier, as an upload does, and return the path of its first page."""
    store = LocalStore(made.config.files)
    lines = b"".join(
        b"BT /F1 11 Tf 60 %d Td (%s) Tj ET " % (800 - 18 * n, b"Suivi du projet et de son budget " * 3)
        for n in range(LINES)
    )
    stored = store.save(new_key(), io.BytesIO(samples.pdf(pages, content=lines)))
    file = ReceivedFile(stored.key, "suivi.pdf", "application/pdf", "document", pages, stored.size, stored.sha256)
    with made.database.transaction() as session:
        [piece] = add_evidence(session, dossier.candidacy_id, [file], by=dossier.person_id, at=datetime.now(UTC))
    return f"/dossiers/{dossier.candidacy_id}/preuves/{piece}/versions/1/pages/1"


def _wait_for_page(port: int, cookie: str, path: str) -> float:
    """Return the seconds until the image of a page comes, from the first time that the reader asks for it."""
    connection, began = http.client.HTTPConnection("127.0.0.1", port, timeout=60), time.monotonic()
    while True:
        connection.request("GET", path, headers={"Cookie": cookie})
        answer = connection.getresponse()
        answer.read()
        if answer.status == 200:
            return time.monotonic() - began
        if answer.status not in (202, 503):
            raise RuntimeError(f"{path} answers {answer.status}")
        time.sleep(ASK_EVERY_S)


def _wait_until_books_are_drawn(made: Scene) -> None:
    """Wait until the threads of the worker are in the middle of books."""
    while True:
        with made.database.reader() as session:
            drawn = session.scalar(select(func.max(Page.number))) or 0
        if drawn > LIGHT_PAGES:
            return
        time.sleep(0.1)


def _pending_books(made: Scene) -> int:
    with made.database.reader() as session:
        query = select(func.count()).select_from(Rendition).join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        pending = Rendition.kind == RenditionKind.PAGES, Rendition.state != RenditionState.READY
        return session.scalar(query.where(*pending, EvidenceFile.pages == BOOK_PAGES)) or 0


def _s(seconds: float) -> str:
    return f"{seconds:.2f} s".replace(".", ",")
