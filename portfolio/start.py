"""`make run`: migrations, the demonstration on the first start, then the server and its worker."""

from __future__ import annotations

import shutil
import sys
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
from portfolio.processes import kept
from portfolio.server.run import serve
from portfolio.web.clock import now


def main(arguments: list[str]) -> None:
    """Prepare the data folder, then serve; with `--again`, make the demonstration from nothing and stop."""
    if "--again" in arguments:
        _empty(Config.from_env().data)
    config = Config.from_env()
    keep_private(config.data)
    app = prepared(config)
    if "--again" not in arguments:
        with kept(worker.program()):
            click.echo(f"\nAcquis répond sur {config.address} (Ctrl-C pour arrêter).")
            serve(app)


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
    for path in (*data.glob("acquis.*"), *data.glob("queue.db*")):
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
