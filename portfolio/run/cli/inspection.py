"""What the product would make of a file, and which converters this machine has."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command("inspect-file")
@with_appcontext
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Écrire une ligne JSON par fichier.")
def inspect_file_command(files: tuple[Path, ...], as_json: bool) -> None:
    """Say for each file whether it would be accepted, and how it would be read; the status is 0 when all are accepted."""
    from portfolio.files.inspection import inspect_file
    from portfolio.wording.conversion import inspection_sentence

    accepted = True
    for path in files:
        found = inspect_file(path, current_app.config["SETTINGS"].upload_limit)
        accepted = accepted and found.accepted
        click.echo(json.dumps(found.to_value(), ensure_ascii=False) if as_json else inspection_sentence(found.to_value()))
    sys.exit(0 if accepted else 1)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def doctor(as_json: bool) -> None:
    """Say which converters and which protections this machine has; the status is 1 without LibreOffice."""
    from portfolio.files.conversion.machine import machine_report
    from portfolio.wording.conversion import machine_sentences

    report = machine_report()
    click.echo(json.dumps(report, ensure_ascii=False, indent=2) if as_json else "\n".join(machine_sentences(report)))
    sys.exit(0 if all(report["libreoffice"].values()) else 1)
