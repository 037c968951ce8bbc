"""Measure the wait for the first page: of a light file with twenty books in the queue, beside an empty queue; of a
small Word file beside LibreOffice alone; of twenty of them sent at once, the last one looked at first.

The server and the worker run in processes of their own, on the same machine; the reader asks as a browser does.
"""

import http.client
import io
import statistics
import subprocess
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from benchmarks.measure import Line, times
from benchmarks.scene import FullDossier, Scene, Size, scene
from benchmarks.servers import served, worker_running
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.domain.dossier.models.renditions import Page, Rendition
from portfolio.domain.dossier.rules.rendition import RenditionKind, RenditionState
from portfolio.domain.dossier.use_cases.evidence import add_evidence
from portfolio.domain.dossier.use_cases.uploads import ReceivedFile
from portfolio.files.conversion.office import program_folder
from portfolio.files.storage.local import LocalStore
from portfolio.files.storage.store import new_key
from tests import office_files, samples

BOOKS, BOOK_PAGES, LIGHT_PAGES, TRIES = 20, 300, 2, 7
MAX_SECONDS, MAX_RATIO = 2.0, 3.0
ASK_EVERY_S = 0.05
LINES = 40
# What the next LibreOffice takes to be started, on a busy machine too.
_STARTED_AHEAD_S = 3.0
WORD_FILES, MAX_OFFICE_RATIO, MAX_ALL_SECONDS = 20, 1.3, 10.0


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
    yield from _office()
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


def _office() -> Iterator[Line]:
    program = program_folder()
    if program is None:
        return
    size = Size(11, 40)
    with scene([size]) as made, served(made, 1) as [(port, _)], worker_running(made):
        dossier = made.dossiers[size]
        cookie = made.browser_cookie(dossier.token, f"/dossiers/{dossier.candidacy_id}")
        _wait_for_page(port, cookie, _send_word(made, dossier))
        alone, ours = [], []
        for _ in range(TRIES):
            time.sleep(_STARTED_AHEAD_S)
            alone.append(_libreoffice_alone(program))
            ours.append(_wait_for_page(port, cookie, _send_word(made, dossier)))
        paths, began = [_send_word(made, dossier) for _ in range(WORD_FILES)], time.monotonic()
        waits = []
        for path in reversed(paths):
            _wait_for_page(port, cookie, path)
            waits.append(time.monotonic() - began)
    reference, subject = statistics.median(alone), statistics.median(ours)
    yield Line(
        "première page d’un petit DOCX",
        _s(reference), _s(subject), times(subject, reference),
        f"≤ {MAX_OFFICE_RATIO} ×".replace(".", ","), subject <= MAX_OFFICE_RATIO * reference,
    )  # fmt: skip
    yield Line(
        f"{WORD_FILES} DOCX à la fois, du dernier au premier : la première vue, la dernière",
        _s(waits[0]), _s(waits[-1]), "", f"< {MAX_ALL_SECONDS:.0f} s", waits[-1] < MAX_ALL_SECONDS,
    )  # fmt: skip


def _libreoffice_alone(program: Path) -> float:
    """Return the seconds that LibreOffice takes for the same file, with a profile that is ready."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "note.docx"
        source.write_bytes(_word())
        command = [
            str(program / "soffice.bin"),
            "--headless",
            "--norestore",
            f"-env:UserInstallation=file://{folder}/p",
        ]
        subprocess.run([*command, "--terminate_after_init"], check=False, capture_output=True)  # noqa: S603 - our own command
        began = time.monotonic()
        convert = [*command, "--convert-to", "pdf", "--outdir", folder, str(source)]
        subprocess.run(convert, check=False, capture_output=True)  # noqa: S603 - our own command
        return time.monotonic() - began if source.with_suffix(".pdf").exists() else 0.0


def _word() -> bytes:
    return office_files.docx(*[f"Suivi du projet et de son budget, semaine {week}" for week in range(LINES)])


def _send_word(made: Scene, dossier: FullDossier) -> str:
    mime = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return _add(made, dossier, _word(), "note.docx", mime, 1)


def _send(made: Scene, dossier: FullDossier, pages: int) -> str:
    """Add a PDF of so many full pages to the dossier, as an upload does, and return the path of its first page."""
    lines = b"".join(
        b"BT /F1 11 Tf 60 %d Td (%s) Tj ET " % (800 - 18 * n, b"Suivi du projet et de son budget " * 3)
        for n in range(LINES)
    )
    return _add(made, dossier, samples.pdf(pages, content=lines), "suivi.pdf", "application/pdf", pages)


def _add(made: Scene, dossier: FullDossier, content: bytes, name: str, mime: str, pages: int) -> str:
    stored = LocalStore(made.config.files).save(new_key(), io.BytesIO(content))
    file = ReceivedFile(stored.key, name, mime, "document", pages, stored.size, stored.sha256)
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
