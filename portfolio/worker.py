"""The worker: takes errands from the line, and makes its rounds; `make run` starts it beside the server."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

import structlog
from flask import Flask

from config import Config
from portfolio.certificate.services.ledger import HEADS
from portfolio.db import Database
from portfolio.evidence.making import Workshop
from portfolio.evidence.services.renditions import BATCH, MAKE
from portfolio.integrity.running import Checks
from portfolio.kept_files import sweep_files, sweep_sendings
from portfolio.mail.delivery import deliver
from portfolio.mail.services import MAIL
from portfolio.migration_copies import remove_old_copies
from portfolio.private_files import keep_private
from portfolio.processes import Program
from portfolio.queue import Urgency
from portfolio.queue.line import Doer, Line, Round
from portfolio.queue.pulse import keep_beating
from portfolio.sweep import copy_heads, forget_openings, forget_removed_pieces, forget_third_parties, sweep
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
        MAKE: partial(_make, workshop_of(app), app.extensions["queue"]),
    }


def rounds_of(app: Flask) -> Sequence[Round]:
    """Answer what is done again and again: every minute what fell through, every night what is no longer needed (UTC)."""
    store, config = _stores(app)
    return (
        Round("sweep", every_minute, lambda: sweep(store, config, now())),
        Round("hand_on", every_minute, partial(hand_on, workshop_of(app), app.extensions["queue"])),
        Round("sweep_files", at_hour(2), lambda: sweep_files(app.extensions["files"], store, now())),
        Round("sweep_sendings", at_hour(2), lambda: sweep_sendings(app.extensions["uploads"], store, now())),
        Round("remove_migration_copies", at_hour(2), lambda: remove_copies(config, now())),
        Round("forget_openings", at_hour(3), lambda: forget_openings(store, now())),
        Round("forget_third_parties", at_hour(3), lambda: forget_third_parties(app.extensions["files"], store, now())),
        Round("run_checks", every_ten_minutes, checks_of(app).run_when_due),
        Round("forget_removed_pieces", at_hour(3), lambda: forget_removed_pieces(app.extensions["files"], store, now())),
    )


def workshop_of(app: Flask) -> Workshop:
    """Answer where page images and copies are made."""
    return Workshop(app.extensions["database"], app.extensions["files"], now)


def checks_of(app: Flask) -> Checks:
    """Answer the checks of everything that is kept."""
    store, config = _stores(app)
    return Checks(store, app.extensions["files"], app.extensions["keys"], config.heads, now)


def hand_on(shop: Workshop, line: Line) -> None:
    """Put in the line the orders that fell through, unless it is long already."""
    if line.waiting() < BATCH:
        for one in shop.due():
            line.put(MAKE, str(one), urgency=Urgency.PATIENT)


def remove_copies(config: Config, at: datetime) -> None:
    """Remove the copies made before migrations that are older than the setting."""
    remove_old_copies(config.database_url, timedelta(days=config.migration_copy_days), at)


def every_minute(_at: datetime) -> bool:
    """Always due."""
    return True


def every_ten_minutes(at: datetime) -> bool:
    """Due at each tenth minute."""
    return at.minute % 10 == 0


def at_hour(hour: int) -> Callable[[datetime], bool]:
    """Answer whether a minute is the first one of this hour of the day, in UTC."""
    return lambda at: (at.hour, at.minute) == (hour, 0)


def work(app: Flask) -> None:
    """Work until SIGTERM or Ctrl-C; what is begun is ended first."""
    line: Line = app.extensions["queue"]
    rounds = rounds_of(app)
    for one in rounds:
        if one.due is every_minute:  # at once, not in a minute
            threading.Thread(target=one.act, daemon=True).start()
    stopping = threading.Event()
    threading.Thread(target=keep_beating, args=(line, now, stopping), daemon=True).start()
    signal.signal(signal.SIGTERM, _interrupt)  # until the line listens to it
    log.info("working", at_once=app.config["SETTINGS"].workers)
    try:
        line.work(errands_of(app), rounds, app.config["SETTINGS"].workers)
    except KeyboardInterrupt:
        pass
    finally:
        stopping.set()
        log.info("worker_stopped")


def program(env: Mapping[str, str] | None = None) -> Program:
    """Answer the worker as a program to keep beside a server."""
    return Program("worker", [sys.executable, "-m", "portfolio.worker", ATTACHED], env)


def main(arguments: list[str]) -> None:
    """Work; attached, until whoever started us is gone too."""
    from portfolio import create_app

    config = Config.from_env()
    keep_private(config.data)
    app = create_app(config)
    if ATTACHED in arguments:
        threading.Thread(target=end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    work(app)


def _make(shop: Workshop, line: Line, rendition: str, page: str = "") -> None:
    if shop.make(UUID(rendition), int(page) if page else None):
        line.put(MAKE, rendition, urgency=Urgency.PATIENT)


def _stores(app: Flask) -> tuple[Database, Config]:
    return app.extensions["database"], app.config["SETTINGS"]


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def end_with(parent: int) -> None:
    """End this process with whoever holds the other end of this open file."""
    while os.read(parent, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
