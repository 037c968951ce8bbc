"""A program walks every candidacy of a body by the API while a hundred of them change: none missed, memory flat, and a
page as quick as that of the screen.
"""

import gc
import json
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select

from benchmarks.lists import Body, _body
from benchmarks.lists_scene import CERTIFIER
from benchmarks.measure import Line, get_page, ms
from portfolio.domain.account.models import CertifyingBodyMember, Person
from portfolio.domain.api_access.rules import ApiScope
from portfolio.domain.api_access.use_cases import make_token
from portfolio.domain.candidacy.models import Candidacy

SIZE, CHANGES, PAGE, ROUNDS = int(os.environ.get("CHANGES_OF", "100000")), 100, 200, 60
MEMORY_BYTES, SECONDS = 32 * 1024**2, 600


def measure() -> Iterator[Line]:
    """One walk over the whole, then a page of the API beside the page of the screen, by turns."""
    with tempfile.TemporaryDirectory(prefix="acquis-bench-") as folder:
        body = _body(f"{folder}/{SIZE}", SIZE)
        yield from _walk(body)
        yield _pages(body)
        body.database.engine.dispose()


class _Program:
    """A program with its tokens, used in turn: one alone may make six hundred calls a minute."""

    def __init__(self, body: Body) -> None:
        self.client, self.calls, self.tokens = body.app.test_client(), 0, []
        at = datetime.now(UTC)
        with body.database.transaction() as session:
            person = session.scalars(select(Person.id).where(Person.name == CERTIFIER)).one()
            owner = session.scalars(
                select(CertifyingBodyMember.body_id).where(CertifyingBodyMember.person_id == person)
            ).one()
            for name in "abcd":
                made = make_token(session, owner, name, list(ApiScope), 1, by=person, has_second_factor=True, at=at)
                self.tokens.append(made.text)

    def get(self, path: str) -> Any:
        self.calls += 1
        token = self.tokens[self.calls % len(self.tokens)]
        answer = self.client.get(f"/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code == 200, answer.text
        return json.loads(answer.data)


def _walk(body: Body) -> Iterator[Line]:
    program = _Program(body)
    with body.database.reader() as session:
        ids = sorted(session.scalars(select(Candidacy.id)), key=str)
    # Spread over the whole, so that some are changed before they are read and others after.
    waiting = dict(zip(ids[:: max(1, len(ids) // CHANGES)][:CHANGES], range(CHANGES), strict=False))
    changed: dict[str, str] = {}
    missing, seen_now = {str(key) for key in ids}, set()
    since, more, pages, before, began = 0, True, 0, 0, time.perf_counter()
    while more or waiting:
        page = program.get(f"/candidacies?limit={PAGE}&changed_since={since}")
        for row in page["candidacies"]:
            missing.discard(row["id"])
            if changed.get(row["id"]) == row["admissible_on"]:
                seen_now.add(row["id"])
        since, more, pages = page["next"], page["has_more"], pages + 1
        if waiting:
            key, number = waiting.popitem()
            changed[str(key)] = _change(body, key, date(2020, 1, 1) + timedelta(days=number))
        if pages == 10:
            before = _memory()
    while more := (page := program.get(f"/candidacies?limit={PAGE}&changed_since={since}"))["candidacies"]:
        seen_now |= {row["id"] for row in more if changed.get(row["id"]) == row["admissible_on"]}
        since = page["next"]
    seconds, grown = time.perf_counter() - began, _memory() - before
    missed = len(missing) + len(changed.keys() - seen_now)
    name = f"API, {len(ids)} candidatures"
    yield Line(f"{name}, parcours", "", f"{seconds:.0f} s, {pages} pages", "", f"≤ {SECONDS} s", seconds <= SECONDS)
    yield Line(f"{name}, manquées ou lues trop tôt", "", str(missed), "", "aucune", missed == 0)
    yield Line(f"{name}, mémoire prise", "", f"{grown / 1e6:.1f} Mo", "", "≤ 32 Mo", grown <= MEMORY_BYTES)


def _change(body: Body, key: UUID, day: date) -> str:
    with body.database.transaction() as session:
        session.get_one(Candidacy, key).admissible_on = day
    return day.isoformat()


def _memory() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def _pages(body: Body) -> Line:
    program = _Program(body)
    taken: tuple[list[float], list[float]] = ([], [])
    for rank in range(ROUNDS):
        for ask, kept in zip(
            (
                lambda: get_page(body.app, "/candidatures", body.cookies["certifier"], ""),
                lambda since=rank: program.get(f"/candidacies?limit=50&changed_since={since}"),
            ),
            taken,
            strict=True,
        ):
            began = time.perf_counter()
            ask()
            kept.append(time.perf_counter() - began)
    screen, api = (statistics.quantiles(each, n=20)[-1] for each in taken)
    return Line("API, page de 50, p95", ms(screen), ms(api), f"{api / screen:.2f} ×", "≤ l’écran", api <= screen)
