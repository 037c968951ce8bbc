"""Five jurors read ten sealed dossiers of 180 MB while a candidate sends 300 MB, on `make run` and on
`make run-scaled`: how long their pages and page images take.

`python -m benchmarks lecture`. READING_SECONDS: how long they read (60). Each opens a page of an exhibit and
its image, now and then another page of the dossier, at the pace of someone who leafs through. The files
are sent one after the other, by the way of browsers, as long as the jurors read.
"""

import http.client
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from uuid import UUID

from flask import Flask
from PIL import Image
from sqlalchemy import select, update

from benchmarks.jury_scene import ExhibitFile, JuryDay, make_certifier, make_day, make_draft, store_exhibits
from benchmarks.livret import PAGES_A_PIECE, scanned_pdf
from benchmarks.livret_scene import mark_as_drawn
from benchmarks.measure import Line, ms
from benchmarks.scene import browser_cookie, quiet_app
from benchmarks.servers import ALONE, CLUSTER, product
from benchmarks.upload import send_in_parts, write_pdf
from config import Config
from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.dossier.models.renditions import Page, PageImage
from portfolio.domain.dossier.rules.rendition import PageSize
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.files.storage.store import new_key
from tools.cluster.__main__ import ENV_FILE

SECONDS = float(os.environ.get("READING_SECONDS", "60"))
CANDIDATES, UPLOAD, BOUND_SECONDS = 10, 300_000_000, 0.5
# Of each exhibit, the pages that are drawn and read.
READ_PAGES = 2


@dataclass
class Taken:
    """How long each answer took, in seconds."""

    pages: list[float] = field(default_factory=list)
    images: list[float] = field(default_factory=list)
    uploads: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Juror:
    """Someone with a window open: a port, a cookie, what they may read."""

    port: int
    cookie: str
    hearings: tuple[tuple[UUID, tuple[str, ...]], ...]


def measure() -> Iterator[Line]:
    """Each way to run the product in turn."""
    for name, module in (("make run", ALONE), ("make run-scaled", CLUSTER)):
        with tempfile.TemporaryDirectory(prefix="acquis-bench-") as folder:
            yield from _measured(name, module, Path(folder))
        tempfile.tempdir = None


def _measured(name: str, module: str, folder: Path) -> Iterator[Line]:
    exhibit = ExhibitFile(scanned_pdf(1), PAGES_A_PIECE)
    with product(module, folder) as (ports, _):
        app = quiet_app(Config.from_env(_settings(folder)))
        database: Database = app.extensions["database"]
        with database.transaction() as session:
            certifier = make_certifier(session)
        day = make_day(database, certifier, CANDIDATES, decided=False, exhibit=exhibit)
        for submission_id in day.submissions:
            store_exhibits(app, submission_id, exhibit)
        _draw(app)
        with database.transaction() as session:
            draft = make_draft(session, certifier)
            token = start_session(session, draft.candidate_id, timedelta(hours=12), at=datetime.now(UTC))
            path = f"/dossiers/{draft.id}/preuves/ajouter"
        send = partial(send_in_parts, ports[0], path, browser_cookie(app, token, path))
        taken = _read_and_send(_jurors(app, day, ports), send, folder)
        database.engine.dispose()
    yield from _lines(name, taken)


def _lines(name: str, taken: Taken) -> Iterator[Line]:
    for failure in taken.failures[:20]:
        print(failure, file=sys.stderr)
    what = f"{name}, 5 jurés, {CANDIDATES} dossiers de 180 Mo, pendant un envoi de 300 Mo"
    for kind, seconds in (("pages", taken.pages), ("images", taken.images)):
        p95 = statistics.quantiles(seconds, n=20)[-1]
        shown = (ms(statistics.median(seconds)), ms(p95), f"{len(seconds)} {kind}")
        met = p95 <= BOUND_SECONDS and not taken.failures
        yield Line(f"{what} : {kind}, médiane et p95", *shown, f"≤ {ms(BOUND_SECONDS)}", met)
    sent = f"{statistics.median(taken.uploads or [0]):.1f} s".replace(".", ",")
    yield Line(f"{name}, envois de 300 Mo pendant ce temps", "", sent, f"{len(taken.uploads)} envois")


def _read_and_send(jurors: list[Juror], send: Callable[[Path], float], folder: Path) -> Taken:
    """Let everybody read and the candidate send, for so many seconds and to the end of what is being sent."""
    taken, over = Taken(), threading.Event()
    readers = [
        threading.Thread(target=_guarded, args=(taken, partial(_leaf_through, juror, rank, taken, over)))
        for rank, juror in enumerate(jurors)
    ]
    sender = threading.Thread(target=_guarded, args=(taken, partial(_send_on, send, folder, taken, over)))
    for one in (*readers, sender):
        one.start()
    over.wait(SECONDS)
    over.set()
    for one in (*readers, sender):
        one.join()
    return taken


def _guarded(taken: Taken, act: Callable[[], None]) -> None:
    try:
        act()
    except Exception as error:
        taken.failures.append(repr(error))


def _leaf_through(juror: Juror, rank: int, taken: Taken, over: threading.Event) -> None:
    """Open pages as a juror does, each with its image."""
    chance = random.Random(rank)  # noqa: S311 - the same pages each time
    line = http.client.HTTPConnection("127.0.0.1", juror.port, timeout=60)
    while not over.wait(chance.uniform(0.1, 0.5)):
        hearing, labels = chance.choice(juror.hearings)
        if chance.random() < 0.2:
            place = chance.choice(("", "/parcours", "/experiences", "/pieces", "/avis"))
            _get(line, juror, f"/jurys/{hearing}{place}", taken, taken.pages)
            continue
        address, page = f"/jurys/{hearing}/pieces/{chance.choice(labels)}", chance.randint(1, READ_PAGES)
        _get(line, juror, f"{address}?page={page}", taken, taken.pages)
        _get(line, juror, f"{address}/pages/{page}", taken, taken.images)


def _get(line: http.client.HTTPConnection, juror: Juror, path: str, taken: Taken, kept: list[float]) -> None:
    began = time.perf_counter()
    line.request("GET", path, headers={"Cookie": juror.cookie})
    answer = line.getresponse()
    answer.read()
    kept.append(time.perf_counter() - began)
    if answer.status != 200:
        taken.failures.append(f"{answer.status} {path}")


def _send_on(send: Callable[[Path], float], folder: Path, taken: Taken, over: threading.Event) -> None:
    """Send a heavy file, then another."""
    while not over.is_set():
        source = folder / f"film-{len(taken.uploads)}.pdf"
        write_pdf(source, UPLOAD)
        taken.uploads.append(send(source))
        source.unlink()


def _jurors(app: Flask, day: JuryDay, ports: list[int]) -> list[Juror]:
    database: Database = app.extensions["database"]
    with database.reader() as session:
        labels = [
            tuple(exhibit.label for exhibit in load_sealed_dossier(session, submission_id).exhibits)
            for submission_id in day.submissions
        ]
    hearings = tuple(zip(day.hearings, labels, strict=True))
    found = []
    for rank, member in enumerate(day.members):
        with database.transaction() as session:
            token = start_session(session, member, timedelta(hours=12), at=datetime.now(UTC))
        found.append(Juror(ports[rank % len(ports)], browser_cookie(app, token, "/healthz"), hearings))
    return found


def _draw(app: Flask) -> None:
    """Write that the pages are drawn, and keep the images of those that are read."""
    mark_as_drawn(app)
    content, database = _page_image(), app.extensions["database"]
    digest = sha256(content).hexdigest()
    with database.reader() as session:
        ids = session.scalars(select(Page.id).where(Page.number <= READ_PAGES)).all()
    keys = {page_id: new_key() for page_id in ids}
    for key in keys.values():
        app.extensions["files"].save(key, BytesIO(content))
    with database.transaction() as session:
        session.execute(update(Page).values(width=794, height=1123))
        session.add_all(
            PageImage(page_id=page_id, width=PageSize.PAGE, key=key, sha256=digest, size=len(content))
            for page_id, key in keys.items()
        )


def _page_image() -> bytes:
    """Return a page of a scan as it is shown: a WebP of about a hundred kilobytes."""
    content = BytesIO()
    Image.effect_noise((1240, 1754), 12).convert("RGB").save(content, "WEBP", quality=40)
    return content.getvalue()


def _settings(folder: Path) -> dict[str, str]:
    """Return the settings of the product that runs on this folder, as its own commands would have them."""
    written = folder / "data" / ENV_FILE
    if not written.exists():
        return {"DATA": str(folder / "data"), "PORT": "8000"}
    pairs = (line.split("=", 1) for line in written.read_text().splitlines())
    return {name: value.strip("'") for name, value in pairs}
