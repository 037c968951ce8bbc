"""The installation itself: its tables, its server, its worker."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.db.engine import transaction
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the tables of this version."""
    from portfolio.db.migration import UnknownRoleError, upgrade
    from portfolio.db.migration_backups import copy_messages, remove_old_copies
    from portfolio.domain.candidacy_listing.use_cases import build_missing
    from portfolio.domain.ledger.backfill import backfill

    settings = current_app.config["SETTINGS"]
    kept = timedelta(days=settings.migration_copy_days)
    try:
        copy = upgrade(settings.database_owner_url, application_url=settings.database_url)
    except UnknownRoleError as unknown:
        fail(f"Le rôle PostgreSQL « {unknown} » de DATABASE_URL n’existe pas. Créez-le (CREATE ROLE … LOGIN), puis recommencez.")
    with transaction() as session:
        backfill(session, at=now())
        build_missing(session)
    click.echo("La base de données est à jour.")
    for sentence in copy_messages(copy, remove_old_copies(settings.database_owner_url, kept, now()), kept):
        click.echo(sentence)


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the product until Ctrl-C or SIGTERM; what is done later is the worker's (`work`)."""
    from portfolio.server.run import serve as run

    click.echo(f"Acquis répond sur {current_app.config['SETTINGS'].address} (Ctrl-C pour arrêter).")
    app: Any = current_app
    run(app._get_current_object())


@click.command("work")
@with_appcontext
def work() -> None:
    """Do what is done later (mail, page images, sweeps) until Ctrl-C or SIGTERM; one is enough, several share the work."""
    from portfolio.run.worker import work as run

    app: Any = current_app
    run(app._get_current_object())
