"""The files of the store: compared with their rows, swept."""

from __future__ import annotations

import json
import sys

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.cli.answer import fail
from portfolio.db import database
from portfolio.storage.store import StoreDown
from portfolio.web.clock import now

STORE_DOWN_TO_STAFF = "Les fichiers ne répondent pas. Vérifiez FILES_URL, S3_ENDPOINT et les clés d’accès, puis recommencez."


@click.command("check-files")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
@click.option("--remake", "again", is_flag=True, help="Refaire les images de pages et les copies perdues, abîmées, abandonnées.")
def check_files_command(as_json: bool, again: bool) -> None:
    """Read every file again and compare it with its rows; the status is 0 only when all is well."""
    from portfolio.kept_files import check_files, count_given_up, remake, remake_given_up
    from portfolio.storage.checking_wording import checked_as_json, checked_sentences, given_up_sentence

    try:
        files = current_app.extensions["files"]
        found = check_files(files, database())
        if again:
            remake(database(), files, found.findings, now())
        given_up = remake_given_up(database(), now()) if again else count_given_up(database())
    except StoreDown:
        fail(STORE_DOWN_TO_STAFF)
    if as_json:
        click.echo(json.dumps(checked_as_json(found) | {"given_up": given_up}, ensure_ascii=False, indent=2))
    else:
        told = [given_up_sentence(given_up, again=again)] if given_up else []
        click.echo("\n".join([*told, *checked_sentences(found)]), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("sweep-files")
@with_appcontext
def sweep_files_command() -> None:
    """Remove what sendings that never ended left, and the files no row names, both older than a day."""
    from portfolio.kept_files import sweep_files, sweep_sendings
    from portfolio.storage.checking_wording import swept_sentence

    try:
        begun, forgotten = sweep_files(current_app.extensions["files"], database(), now())
        begun += sweep_sendings(current_app.extensions["uploads"], database(), now())
        click.echo(swept_sentence(begun, forgotten))
    except StoreDown:
        fail(STORE_DOWN_TO_STAFF)
