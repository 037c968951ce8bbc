"""The files of the store: compared with their rows, swept.

Commands that inspect a file and list the converters of this machine.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

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
    "--remake", "again", is_flag=True, help="Refaire les images de pages et les copies perdues, abîmées, abandonnées."
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


@click.command("inspect-file")
@with_appcontext
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Écrire une ligne JSON par fichier.")
def inspect_file_command(files: tuple[Path, ...], as_json: bool) -> None:
    """Say for each file whether it would be accepted, and how it would be read; the status is 0 when all
    are accepted.
    """
    from portfolio.files.inspection import inspect_file
    from portfolio.wording.conversion import inspection_sentence

    accepted = True
    for path in files:
        found = inspect_file(path, current_app.config["SETTINGS"].upload_limit)
        accepted = accepted and found.accepted
        click.echo(
            json.dumps(found.to_value(), ensure_ascii=False) if as_json else inspection_sentence(found.to_value())
        )
    sys.exit(0 if accepted else 1)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
@with_appcontext
def doctor(as_json: bool) -> None:
    """Say what is wrong with this installation and what this machine lacks; the status is 1 when something
    has to be mended.
    """
    from portfolio.domain.integrity_checks.rules import State
    from portfolio.files.conversion.machine import machine_report
    from portfolio.run.doctor import examine
    from portfolio.wording.conversion import machine_sentences
    from portfolio.wording.doctor import finding_message

    app: Any = current_app
    report, findings = machine_report(), list(examine(app._get_current_object(), now()))
    if as_json:
        checks = [asdict(finding) for finding in findings]
        click.echo(json.dumps({**report, "checks": checks}, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join([*map(finding_message, findings), *machine_sentences(report)]))
    wrong = any(finding.state is State.WRONG for finding in findings)
    sys.exit(1 if wrong or not all(report["libreoffice"].values()) else 0)
