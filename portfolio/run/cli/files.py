"""The files of the store: compared with their rows, swept."""

from __future__ import annotations

import json
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.db.engine import database
from portfolio.files.storage.store import StoreUnavailable
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now

STORE_DOWN_TO_STAFF = (
    "Les fichiers ne répondent pas. Vérifiez FILES_URL, S3_ENDPOINT et les clés d’accès, puis recommencez."
)


@click.command("check-files")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
@click.option(
    "--remake",
    "again",
    is_flag=True,
    help="Refaire les images de pages et les copies perdues, abîmées, abandonnées.",
)
def check_files_command(as_json: bool, again: bool) -> None:
    """Read every file again and compare it with its rows; the status is 0 only when all is well."""
    from portfolio.files.integrity.references import check_files, count_failed, requeue_damaged, retry_failed
    from portfolio.wording.files import checked_as_json, failed_renditions_message, report_messages

    try:
        files = current_app.extensions["files"]
        found = check_files(files, database())
        if again:
            requeue_damaged(database(), files, found.findings, now())
        given_up = retry_failed(database(), now()) if again else count_failed(database())
    except StoreUnavailable:
        fail(STORE_DOWN_TO_STAFF)
    if as_json:
        click.echo(json.dumps(checked_as_json(found) | {"given_up": given_up}, ensure_ascii=False, indent=2))
    else:
        messages = [failed_renditions_message(given_up, again=again)] if given_up else []
        click.echo("\n".join([*messages, *report_messages(found)]), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("sweep-files")
@with_appcontext
def sweep_files_command() -> None:
    """Remove what sendings that never ended left, and the files no row names, both older than a day."""
    from portfolio.files.integrity.references import delete_abandoned_uploads, delete_orphan_files
    from portfolio.wording.files import cleanup_message

    try:
        begun, forgotten = delete_orphan_files(current_app.extensions["files"], database(), now())
        begun += delete_abandoned_uploads(current_app.extensions["uploads"], database(), now())
        click.echo(cleanup_message(begun, forgotten))
    except StoreUnavailable:
        fail(STORE_DOWN_TO_STAFF)
