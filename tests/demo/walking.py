"""The walk of a person of the demonstration: every kind of page that they reach by links from home, opened once a
process.
"""

import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import urljoin, urlsplit

from flask import Flask, Response, request, request_finished, request_started
from sqlalchemy import event

from demo.passphrase import PASSPHRASE
from tests.page import page_of
from tests.thoroughness import EXHAUSTIVE

ENDS_THE_VISIT = "/deconnexion"
# Two pages of each kind are opened; all of them with TESTS=exhaustive.
OF_A_KIND = 2
NUMBERED = re.compile(
    r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+|(?<=/bloc-)\d+|(?<=/B)\d-\d+|(?<=/certificats/)[^/]+|(?<=/sieges/)[^/]+"
)


@dataclass
class Walk:
    """The paths that a walk opened, and how many queries each kind of page asked at most."""

    seen: set[str] = field(default_factory=lambda: {"/"})
    most: Counter[str] = field(default_factory=Counter)


def kind_of(path: str, *, of_each: bool) -> str:
    """Return what the page of this path shows, without its ids and numbers; `of_each`: and of which dossier, jury,
    session or certificate, the first of them.
    """
    first = NUMBERED.search(path) if of_each else None
    end = first.end() if first else 0
    return path[:end] + NUMBERED.sub("*", path[end:])


@cache
def walk(app: Flask, email: str, *, of_each: bool) -> Walk:
    """Log in as a person, and open what they reach from home, of each dossier or of some; every page is sound."""
    client, done = app.test_client(), Walk()
    assert client.log_in(email, PASSPHRASE).status_code == 303
    waiting, opened = ["/"], Counter[str]()
    with _counted(app, done.most):
        while waiting:
            response = client.get(waiting.pop(), follow_redirects=True)
            here = response.request.path
            assert response.status_code == 200, here
            if response.mimetype != "text/html":
                continue
            for link in page_of(response.text).all("a"):
                target = urlsplit(urljoin(here, link.get("href", "")))
                if not (target.scheme or target.netloc) and target.path not in done.seen | {ENDS_THE_VISIT}:
                    done.seen.add(target.path)
                    kind = kind_of(target.path, of_each=of_each)
                    opened[kind] += 1
                    if EXHAUSTIVE or opened[kind] <= OF_A_KIND:
                        waiting.append(f"{target.path}?{target.query}" if target.query else target.path)
    return done


@contextmanager
def _counted(app: Flask, most: Counter[str]) -> Iterator[None]:
    """Count the queries of every page that is opened meanwhile."""
    engine, asked = app.extensions["database"].engine, list[str]()

    def begin(*_: object, **__: object) -> None:
        asked.clear()

    def hear(*heard: Any) -> None:
        if not heard[2].startswith(("BEGIN", "SAVEPOINT", "RELEASE")):
            asked.append(heard[2])

    def note(_: Flask, response: Response) -> None:
        if response.mimetype == "text/html" and response.status_code == 200 and request.endpoint:
            most[request.endpoint] = max(most[request.endpoint], len(asked))

    event.listen(engine, "before_cursor_execute", hear)
    with request_started.connected_to(begin, app), request_finished.connected_to(note, app):
        yield
    event.remove(engine, "before_cursor_execute", hear)
