"""A line of the table, and how time is taken."""

import io
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event


@dataclass(frozen=True)
class Line:
    """One measure beside its reference; `target` in words, `met` None when there is none."""

    measure: str
    reference: str
    subject: str
    ratio: str
    target: str = ""
    met: bool | None = None

    def as_json(self) -> dict[str, Any]:
        """The line as it is kept."""
        return asdict(self)


def table(lines: Iterable[Line]) -> str:
    """The lines in columns."""
    rows = [("mesure", "référence", "sujet", "rapport", "cible", "")]
    rows += [(line.measure, line.reference, line.subject, line.ratio, line.target, _met(line.met)) for line in lines]
    widths = [max(len(row[place]) for row in rows) for place in range(6)]
    shown = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])


def _met(met: bool | None) -> str:
    return "" if met is None else "tenue" if met else "MANQUÉE"


def both(reference: Callable[[], Any], subject: Callable[[], Any], times: int) -> tuple[float, float]:
    """Seconds of processor that each takes, the median of `times`, taken by turns: a busy machine slows both alike."""
    for act in (reference, subject, reference, subject):
        act()
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(times):
        for act, kept in zip((reference, subject), taken, strict=True):
            began = time.process_time()
            act()
            kept.append(time.process_time() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])


def get_page(app: Flask, path: str, cookie: str, query: str) -> bytes:
    """Return a page whose address has a query."""
    return get(app, path, cookie, query)[0]


def get(app: Flask, path: str, cookie: str, query: str = "") -> tuple[bytes, list[str]]:
    """Return a page as a server would ask for it, and the cookies it sets; a page that fails stops the bench."""
    status: list[Any] = []
    environ = {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": path, "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1", "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1:8000", "HTTP_COOKIE": cookie, "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "wsgi.errors": sys.stderr,
        "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }  # fmt: skip
    chunks: Any = app.wsgi_app(environ, lambda *said: status.extend(said))
    try:
        body = b"".join(chunks)
    finally:
        chunks.close()
    if not status[0].startswith("200"):
        raise RuntimeError(f"{path} answers {status[0]}")
    return body, [value for name, value in status[1] if name == "Set-Cookie"]


def count_queries(engine: Engine, act: Callable[[], object]) -> int:
    """Return how many statements an act sends to a database, the beginnings of transactions left out."""
    asked: list[str] = []
    hear = lambda *heard: asked.append(heard[2])  # noqa: E731
    event.listen(engine, "before_cursor_execute", hear)
    act()
    event.remove(engine, "before_cursor_execute", hear)
    return sum(not statement.startswith("BEGIN") for statement in asked)


def ms(seconds: float) -> str:
    """« 3,42 ms »."""
    return f"{seconds * 1000:.2f} ms".replace(".", ",")


def times(subject: float, reference: float, digits: int = 1) -> str:
    """« 3,7 × »."""
    return f"{subject / reference:.{digits}f} ×".replace(".", ",")
