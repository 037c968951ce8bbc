"""`make run`: migrations, the demonstration on the first start, then a web process and a worker, kept running.

The supervisor loads nothing of the application: what it starts does.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from config import Config
from portfolio import create_app
from portfolio.run.private_files import restrict_umask
from portfolio.run.supervisor import Command, exit_with_parent, interrupt_on_sigterm, supervise
from portfolio.web import logs

if TYPE_CHECKING:
    from flask import Flask

AGAIN, PREPARE, WEB = "--again", "prepare", "web"
START_SECONDS = 60


def main(arguments: list[str]) -> None:
    """Run the product. `prepare` only prepares the data folder, `--again` empties it before, `web` is the web process."""
    if AGAIN in arguments:
        _empty(Config.from_env().data)
    config = Config.from_env()
    restrict_umask(config.data)
    if WEB in arguments:
        serve_web(config)
    elif arguments:
        prepare_app(config)
    else:
        logs.configure()
        interrupt_on_sigterm()
        with suppress(KeyboardInterrupt):
            run(config)


def run(config: Config) -> None:
    """Keep a web process and a worker running until SIGTERM or Ctrl-C; raises OSError when the port is taken."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    socket.create_server((config.host, config.port), family=family).close()
    prepare(os.environ)
    with supervise(web_program(WEB), worker_program()):
        wait_for([config.port], config.host)
        click.echo(f"\nAcquis répond sur {config.address} (Ctrl-C pour arrêter).")
        threading.Event().wait()


def prepare(env: Mapping[str, str]) -> None:
    """Prepare the data folder in a process of its own, whose memory goes with it; ends this one when that fails."""
    status = subprocess.run([sys.executable, "-m", "portfolio.run.bootstrap", PREPARE], env=env, check=False).returncode  # noqa: S603
    if status:
        sys.exit(status)


def serve_web(config: Config) -> None:
    """Serve until the supervisor that started this process is gone."""
    from portfolio.server.run import serve

    app = create_app(config)
    exit_with_parent()
    serve(app)


def web_program(name: str, env: Mapping[str, str] | None = None) -> Command:
    """Return a web process as a program to keep running: it listens to the port of its environment."""
    return Command(name, [sys.executable, "-m", "portfolio.run.bootstrap", WEB], env)


def worker_program(env: Mapping[str, str] | None = None) -> Command:
    """Return a worker as a program to keep running."""
    return Command("worker", [sys.executable, "-m", "portfolio.run.worker"], env)


def wait_for(ports: Iterable[int], host: str = "127.0.0.1") -> None:
    """Wait until servers listen on these ports, for a minute at most."""
    until = time.monotonic() + START_SECONDS
    for port in ports:
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection((host, port), 1):
                break
            time.sleep(0.1)


def prepare_app(config: Config) -> Flask:
    """Bring the database to its tables, tell the demonstration on the first start, and return the application."""
    from portfolio.backup.errors import BackupError
    from portfolio.db.engine import transaction
    from portfolio.domain.candidacy_listing.use_cases import build_missing
    from portfolio.domain.ledger.backfill import backfill
    from portfolio.run.migration import migrate
    from portfolio.web.clock import now
    from portfolio.wording.backup import migration_refused

    try:
        for sentence in migrate(config, now()):
            click.echo(sentence)
    except BackupError as error:
        sys.exit(migration_refused(error))
    app = create_app(config)
    with app.app_context():
        with transaction() as session:
            backfill(session, at=now())
            build_missing(session)
        seed_demo(app)
    return app


def _empty(data: Path) -> None:
    """Remove what an earlier start made in the data folder, and nothing else that may lie there."""
    for name in ("files", "incoming", "heads", "pages"):
        shutil.rmtree(data / name, ignore_errors=True)
    for path in data.glob("acquis.*"):
        path.unlink()


def seed_demo(app: Flask) -> None:
    """Make the demonstration when the database is empty, and say how to log in."""
    if not app.config["SETTINGS"].demo:
        return
    from demo import seed
    from portfolio.web.clock import now

    made = seed.tell_once(now())
    click.echo(seed.logins(made))
    if made.new:
        click.echo("\nLes pages des pièces se dessinent tant que le produit tourne ; celle que vous ouvrez passe d’abord.")


if __name__ == "__main__":
    main(sys.argv[1:])
