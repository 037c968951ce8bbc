"""The installation itself: its tables, its server, its worker."""

import time
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.db.engine import transaction
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now


@click.command("migrate")
@click.option("--without-copy", is_flag=True, help="Ne pas copier d’abord une base PostgreSQL (sauvegardée ailleurs).")
@with_appcontext
def migrate(*, without_copy: bool) -> None:
    """Bring the database to the tables of this version, after a copy of it."""
    from portfolio.domain.candidacy_listing.use_cases import build_missing
    from portfolio.domain.ledger.tracking import backfill
    from portfolio.run.maintenance import migrate as run
    from portfolio.wording.backup import MIGRATION_ERRORS, migration_refused, stop_message

    began = time.monotonic()
    try:
        said = list(run(current_app.config["SETTINGS"], now(), without_copy=without_copy))
    except MIGRATION_ERRORS as error:
        fail(migration_refused(error))
    with transaction() as session:
        backfill(session, at=now())
        build_missing(session)
    lines = ["La base de données est à jour.", *said]
    if said and current_app.extensions["database"].engine.dialect.name == "sqlite":
        lines.append(stop_message(time.monotonic() - began))
    click.echo("\n".join(lines))


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the product until Ctrl-C or SIGTERM; what is done later is the worker's (`work`)."""
    from portfolio.run.supervisor import hide_secrets, tell_of_walls
    from portfolio.server.run import serve as run

    hide_secrets()
    tell_of_walls(current_app.config["SETTINGS"])
    click.echo(f"Acquis répond sur {current_app.config['SETTINGS'].address} (Ctrl-C pour arrêter).")
    app: Any = current_app
    run(app._get_current_object())


@click.command("work")
@with_appcontext
def work() -> None:
    """Do what is done later (mail, page images, sweeps) until Ctrl-C or SIGTERM; one is enough, several
    share the work.
    """
    from portfolio.run.supervisor import hide_secrets, tell_of_walls
    from portfolio.run.worker import work as run

    hide_secrets()
    tell_of_walls(current_app.config["SETTINGS"])
    app: Any = current_app
    run(app._get_current_object())
