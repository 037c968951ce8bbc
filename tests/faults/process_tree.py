"""Loads the whole product once, then gives birth to a server for each line it reads: one killed server is followed
by the next at once.

Each server is a process of its own, wired and served as `flask serve` does, or a worker as `flask work` (the
setting WORK); it only also writes down, in a file that outlives it, each statement, what it inserts, and
where its transactions begin and end. A line is a JSON object of settings; the answer is a pid.
"""

import json
import os
import signal
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from functools import partial
from typing import Any, BinaryIO

from flask import Flask
from sqlalchemy import Engine, event

from config import Config
from portfolio.app import build_app
from portfolio.domain.dossier.use_cases import page_images, renditions
from portfolio.domain.email import delivery
from portfolio.files.file_types.types import FileType
from portfolio.files.renditions import page_drawing
from portfolio.files.renditions.page_images.client import RenderedPage, render_pages
from portfolio.files.storage import s3  # noqa: F401 - loaded before, not at each birth
from portfolio.run import worker
from portfolio.run.supervisor import load_application
from portfolio.server.run import serve


def main() -> None:
    """Read settings, answer pids, until the input ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are buried at once
    _load_once()
    for line in sys.stdin:
        env = json.loads(line)
        born = os.fork()
        if not born:
            _live(env)
        print(born, flush=True)


def _load_once() -> None:
    """Make an application that serves nobody, so that the next ones find every module loaded."""
    with tempfile.TemporaryDirectory() as folder:
        load_application(Config.from_env({"DATA": folder, "SECRET_KEY": "faults"}))


def _live(env: dict[str, str]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # it has children of its own to wait for
    nothing, log = (os.open(os.devnull, os.O_RDONLY), os.open(env["LOG"], os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    for ours, theirs in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(ours, theirs)
    config = Config.from_env(env)
    app = build_app(config)
    _watch(app.extensions["database"].engine, os.open(env["EVENTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND))
    if "WORK" in env:
        _work(app, env.get("FATAL"))
    else:
        serve(app)
    os._exit(0)


def _work(app: Flask, fatal: str | None) -> None:
    """Work, waiting little. Files that hold the word `fatal` end the worker.

    Without such a word, no file is to blame for the blows that fall, and what a dead one had taken is free
    again at once.
    """
    delivery.LEASE = renditions.FIRST_WAIT = timedelta(seconds=0.3)
    if fatal:
        page_drawing.render_pages = partial(_paint, fatal.encode())
    else:
        renditions.LEASE = page_images.LEASE = timedelta(seconds=0.3)
        renditions.MAX_CRASHES = 1_000_000
    worker.work(app)


def _paint(
    fatal: bytes, content: BinaryIO, kind: FileType, first: int, last: int, **awaited: Any
) -> Iterator[RenderedPage]:
    if fatal in content.read():
        os.kill(os.getpid(), signal.SIGKILL)
    content.seek(0)
    return render_pages(content, kind, first, last, **awaited)


def _watch(engine: Engine, file: int) -> None:
    def tell(what: str) -> None:
        os.write(file, f"{what}\n".encode())

    @event.listens_for(engine, "before_cursor_execute")
    def _statement(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        words = statement.split(None, 3)
        tell(f"insert {words[2]}" if words[0] == "INSERT" else words[0].lower())

    event.listen(engine, "begin", lambda _: tell("begin"))
    event.listen(engine, "commit", lambda _: tell("commit"))
    event.listen(engine, "rollback", lambda _: tell("rollback"))
    event.listen(engine, "checkin", lambda *_: tell("end"))


if __name__ == "__main__":
    main()
