"""What a browser fetches when it first opens a page: requests, and bytes over the wire, headers included."""

import re
from collections.abc import Iterator

import brotli

from benchmarks.measure import Line
from benchmarks.scene import Scene, Size, scene

BYTES, REQUESTS = 90_000, 12
SENT = {"Accept-Encoding": "br", "Sec-Fetch-Site": "none"}
LINKED = re.compile(r'<(?:link|script|img)[^>]*?(?:href|src)="(/static/[^"]+)"')


def measure() -> Iterator[Line]:
    """The login page, and the candidate's home, which is the page of the matrix."""
    size = Size(11, 40)
    with scene([size]) as made:
        dossier = made.dossiers[size]
        path = f"/dossiers/{dossier.candidacy_id}"
        yield _line("connexion", made, "/connexion", "")
        yield _line("accueil de la candidate", made, path, made.browser_cookie(dossier.token, path))


def _line(name: str, made: Scene, path: str, cookie: str) -> Line:
    weights = _fetched(made, path, cookie)
    total = sum(weights.values())
    met = total <= BYTES and len(weights) <= REQUESTS
    shown = f"{total / 1000:.0f} ko, {len(weights)} requêtes"
    return Line(f"premier chargement, {name}", "", shown, "", f"≤ {BYTES // 1000} ko, ≤ {REQUESTS}", met)


def _fetched(made: Scene, path: str, cookie: str) -> dict[str, int]:
    """The address of each thing fetched, with its weight: what the page links, its modules with it."""
    client = made.app.test_client(use_cookies=False)
    weights: dict[str, int] = {}
    waiting = [path]
    while waiting:
        address = waiting.pop()
        if address in weights:
            continue
        with client.get(address, headers=SENT | {"Cookie": cookie}) as answer:
            if answer.status_code != 200:
                raise RuntimeError(f"{address} answers {answer.status_code}")
            text = brotli.decompress(answer.data).decode() if answer.content_encoding else ""
        weights[address] = len(answer.data) + sum(len(name) + len(value) + 4 for name, value in answer.headers)
        if address == path:
            waiting += LINKED.findall(text)
    return weights
