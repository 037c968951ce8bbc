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
from portfolio.db.engine import Database
from portfolio.db.migration_backups import remove_old_copies
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.use_cases import MAIL
from portfolio.domain.evidence.use_cases.renditions import BATCH, RENDER
from portfolio.domain.ledger.recording import HEADS
from portfolio.files.integrity.references import delete_abandoned_uploads, delete_orphan_files
from portfolio.files.renditions.rendition_worker import RenditionWorker
from portfolio.files.uploads.partial_uploads import PartialUploads
from portfolio.run.integrity_checks import Checks
from portfolio.run.maintenance import (
    export_checkpoints,
    purge_access_records,
    purge_removed_evidence,
    purge_third_party_data,
    run_minutely_jobs,
)
from portfolio.run.private_files import restrict_umask
from portfolio.run.supervisor import Command
from portfolio.tasks.enqueue import Priority
from portfolio.tasks.heartbeat import send_heartbeats
from portfolio.tasks.queue import PeriodicTask, TaskHandler, TaskQueue
from portfolio.web.clock import now

log = structlog.get_logger("acquis")
# What a supervisor passes, so that the worker does not outlive it.
EXIT_WITH_PARENT = "--attached"


def task_handlers(app: Flask) -> Mapping[str, TaskHandler]:
    """Answer what each errand does."""
    store, config = _stores(app)
    return {
        MAIL: lambda: send_pending(store, config, now()),
        HEADS: lambda: export_checkpoints(store, config, now()),
        RENDER: partial(_render, rendition_worker(app), app.extensions["queue"]),
    }


def periodic_tasks(app: Flask) -> Sequence[PeriodicTask]:
    """Answer what is done again and again: every minute what fell through, every night what is no longer needed (UTC)."""
    store, config = _stores(app)
    return (
        PeriodicTask("sweep", every_minute, lambda: run_minutely_jobs(store, config, now())),
        PeriodicTask("hand_on", every_minute, partial(enqueue_due_renditions, rendition_worker(app), app.extensions["queue"])),
        PeriodicTask("sweep_files", at_hour(2), lambda: delete_orphan_files(app.extensions["files"], store, now())),
        PeriodicTask("sweep_sendings", at_hour(2), lambda: delete_abandoned_uploads(PartialUploads(config.parts), store, now())),
        PeriodicTask("remove_migration_copies", at_hour(2), lambda: remove_copies(config, now())),
        PeriodicTask("forget_openings", at_hour(3), lambda: purge_access_records(store, now())),
        PeriodicTask("forget_third_parties", at_hour(3), lambda: purge_third_party_data(app.extensions["files"], store, now())),
        PeriodicTask("run_checks", every_ten_minutes, integrity_checks(app).run_when_due),
        PeriodicTask("forget_removed_pieces", at_hour(3), lambda: purge_removed_evidence(app.extensions["files"], store, now())),
    )


def rendition_worker(app: Flask) -> RenditionWorker:
    """Answer where page images and copies are made."""
    return RenditionWorker(app.extensions["database"], app.extensions["files"], now)


def integrity_checks(app: Flask) -> Checks:
    """Answer the checks of everything that is kept."""
    store, config = _stores(app)
    return Checks(store, app.extensions["files"], app.extensions["keys"], config.heads, now)


def enqueue_due_renditions(shop: RenditionWorker, line: TaskQueue) -> None:
    """Put in the line the orders that fell through, unless it is long already."""
    if line.waiting() < BATCH:
        for one in shop.due():
            line.put(RENDER, str(one), urgency=Priority.PATIENT)


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
    line: TaskQueue = app.extensions["queue"]
    rounds = periodic_tasks(app)
    for one in rounds:
        if one.due is every_minute:  # at once, not in a minute
            threading.Thread(target=one.act, daemon=True).start()
    stopping = threading.Event()
    threading.Thread(target=send_heartbeats, args=(line, now, stopping), daemon=True).start()
    signal.signal(signal.SIGTERM, _interrupt)  # until the line listens to it
    log.info("working", at_once=app.config["SETTINGS"].workers)
    try:
        line.work(task_handlers(app), rounds, app.config["SETTINGS"].workers)
    except KeyboardInterrupt:
        pass
    finally:
        stopping.set()
        log.info("worker_stopped")


def worker_command(env: Mapping[str, str] | None = None) -> Command:
    """Answer the worker as a program to keep beside a server."""
    return Command("worker", [sys.executable, "-m", "portfolio.run.worker", EXIT_WITH_PARENT], env)


def main(arguments: list[str]) -> None:
    """Work; attached, until whoever started us is gone too."""
    from portfolio import create_app

    config = Config.from_env()
    restrict_umask(config.data)
    app = create_app(config)
    if EXIT_WITH_PARENT in arguments:
        threading.Thread(target=exit_with_parent, args=(sys.stdin.fileno(),), daemon=True).start()
    work(app)


def _render(shop: RenditionWorker, line: TaskQueue, rendition: str, page: str = "") -> None:
    if shop.make(UUID(rendition), int(page) if page else None):
        line.put(RENDER, rendition, urgency=Priority.PATIENT)


def _stores(app: Flask) -> tuple[Database, Config]:
    return app.extensions["database"], app.config["SETTINGS"]


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def exit_with_parent(parent: int) -> None:
    """End this process with whoever holds the other end of this open file."""
    while os.read(parent, 1):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main(sys.argv[1:])
