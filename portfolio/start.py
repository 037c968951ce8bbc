"""`make run`: migrations, the demonstration on the first start, then the server."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import click

from config import Config
from portfolio import create_app
from portfolio.db import database
from portfolio.migration import upgrade
from portfolio.sweep import sweep
from portfolio.web.clock import now
from portfolio.web.server import serve


def main(arguments: list[str]) -> None:
    """Prepare the data folder, then serve; with `--again`, make the demonstration from nothing and stop."""
    if "--again" in arguments:
        _empty(Config.from_env().data)
    config = Config.from_env()
    upgrade(config.database_owner_url, application_url=config.database_url)
    app = create_app(config)
    with app.app_context():
        _tell(config)
        store = database()
    if "--again" not in arguments:
        click.echo(f"\nAcquis répond sur {config.address} (Ctrl-C pour arrêter).")
        serve(app, lambda: sweep(store, config, now()))


def _empty(data: Path) -> None:
    """Remove what an earlier start made in the data folder, and nothing else that may lie there."""
    for name in ("files", "incoming", "heads"):
        shutil.rmtree(data / name, ignore_errors=True)
    for path in data.glob("acquis.*"):
        path.unlink()


def _tell(config: Config) -> None:
    """Make the demonstration when the database is empty, and say how to log in."""
    if not config.demo:
        return
    from portfolio.demo import story

    made = story.tell_once(now())
    click.echo(story.logins(made))


if __name__ == "__main__":
    main(sys.argv[1:])
