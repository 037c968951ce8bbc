"""`make run`: migrations, the demonstration on the first start, then a web process and a worker, kept running."""

from __future__ import annotations

import shutil
import socket
import sys
import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import click
from flask import Flask

from config import Config
from portfolio import create_app, worker
from portfolio.certificate.services.ledger import record_earlier
from portfolio.db import transaction
from portfolio.migration import upgrade
from portfolio.migration_copies import copy_sentences, remove_old_copies
from portfolio.private_files import keep_private
from portfolio.processes import Program, exit_with_parent, interrupt_on_sigterm, kept
from portfolio.web.clock import now
from portfolio.web.server import serve

WEB = "web"
START_SECONDS = 60


def main(arguments: list[str]) -> None:
    """Prepare the data folder, then run; with `--again`, make the demonstration from nothing and stop; `web` serves only."""
    if "--again" in arguments:
        _empty(Config.from_env().data)
    config = Config.from_env()
    keep_private(config.data)
    if arguments == [WEB]:
        exit_with_parent()
        serve(create_app(config))
        return
    interrupt_on_sigterm()
    prepared(config).extensions["database"].engine.dispose()
    if "--again" not in arguments:
        with suppress(KeyboardInterrupt):
            run(config)


def run(config: Config) -> None:
    """Keep a web process and a worker running until SIGTERM or Ctrl-C; raises OSError when the port is taken."""
    socket.create_server((config.host, config.port)).close()
    with kept(web_program(WEB), worker.program()):
        wait_for([config.port], config.host)
        click.echo(f"\nAcquis répond sur {config.address} (Ctrl-C pour arrêter).")
        threading.Event().wait()


def web_program(name: str, env: Mapping[str, str] | None = None) -> Program:
    """Return a web process as a program to keep running: it listens to the port of its environment."""
    return Program(name, [sys.executable, "-m", "portfolio.start", WEB], env)


def wait_for(ports: Iterable[int], host: str = "127.0.0.1") -> None:
    """Wait until servers listen on these ports, for a minute at most."""
    until = time.monotonic() + START_SECONDS
    for port in ports:
        while time.monotonic() < until:
            with suppress(OSError), socket.create_connection((host, port), 1):
                break
            time.sleep(0.1)


def prepared(config: Config) -> Flask:
    """Bring the database to its tables, tell the demonstration on the first start, and answer the application."""
    copy = upgrade(config.database_owner_url, application_url=config.database_url)
    kept = timedelta(days=config.migration_copy_days)
    for sentence in copy_sentences(copy, remove_old_copies(config.database_owner_url, kept, now()), kept):
        click.echo(sentence)
    app = create_app(config)
    with app.app_context():
        with transaction() as session:
            record_earlier(session, at=now())
        tell(app)
    return app


def _empty(data: Path) -> None:
    """Remove what an earlier start made in the data folder, and nothing else that may lie there."""
    for name in ("files", "incoming", "heads", "pages"):
        shutil.rmtree(data / name, ignore_errors=True)
    for path in data.glob("acquis.*"):
        path.unlink()


def tell(app: Flask) -> None:
    """Make the demonstration when the database is empty, and say how to log in."""
    if not app.config["SETTINGS"].demo:
        return
    from portfolio.demo import story

    made = story.tell_once(now())
    click.echo(story.logins(made))
    if made.new:
        click.echo("\nLes pages des pièces se dessinent tant que le produit tourne ; celle que vous ouvrez passe d’abord.")


if __name__ == "__main__":
    main(sys.argv[1:])
