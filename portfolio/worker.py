"""The worker: takes errands from the line, and makes its rounds; `make run` starts it beside the server."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import BinaryIO

import structlog
from flask import Flask

from config import Config
from portfolio.certificate.services.ledger import HEADS
from portfolio.db import Database
from portfolio.kept_files import sweep_files
from portfolio.mail.delivery import deliver
from portfolio.mail.services import MAIL
from portfolio.processes import Program
from portfolio.queue.line import Doer, Line, Round
from portfolio.sweep import copy_heads, sweep
from portfolio.web.clock import now

log = structlog.get_logger("acquis")
# What a supervisor passes, so that the worker does not outlive it.
ATTACHED = "--attached"


def errands_of(app: Flask) -> Mapping[str, Doer]:
    """Answer what each errand does."""
    store, config = _stores(app)
    return {
        MAIL: lambda: deliver(store, config, now()),
        HEADS: lambda: copy_heads(store, config, now()),
    }


def rounds_of(app: Flask) -> Sequence[Round]:
    """Answer what is done again and again: every minute what fell through, every night the files that no row names (UTC)."""
    store, config = _stores(app)
    return (
        Round("sweep", lambda _at: True, lambda: sweep(store, config, now())),
        Round("sweep_files", at_hour(2), lambda: sweep_files(app.extensions["files"], store, now())),
    )


def at_hour(hour: int) -> Callable[[datetime], bool]:
    """Answer whether a minute is the first one of this hour of the day, in UTC."""
    return lambda at: (at.hour, at.minute) == (hour, 0)


def work(app: Flask) -> None:
    """Work until SIGTERM or Ctrl-C; what is begun is ended first."""
    line: Line = app.extensions["queue"]
    log.info("working", at_once=app.config["SETTINGS"].workers)
    store, config = _stores(app)
    threading.Thread(target=sweep, args=(store, config, now()), daemon=True).start()  # at once, not in a minute
    line.work(errands_of(app), rounds_of(app), app.config["SETTINGS"].workers)
    log.info("worker_stopped")


def program(env: Mapping[str, str] | None = None) -> Program:
    """Answer the worker as a program to keep beside a server."""
    return Program("worker", [sys.executable, "-m", "portfolio.worker", ATTACHED], env)


def main(arguments: list[str]) -> None:
    """Work; attached, until whoever started us is gone too."""
    from portfolio import create_app

    app = create_app(Config.from_env())
    if ATTACHED in arguments:
        threading.Thread(target=_end_with, args=(sys.stdin.buffer,), daemon=True).start()
    work(app)


def _stores(app: Flask) -> tuple[Database, Config]:
    return app.extensions["database"], app.config["SETTINGS"]


def _end_with(parent: BinaryIO) -> None:
    parent.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
