"""Backup and restore of the whole installation; the files of the store compared with their rows, and swept."""

import json
import sys
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.backup.errors import BackupError
from portfolio.db.engine import database
from portfolio.files.storage.store import StoreUnavailable
from portfolio.run.cli.answer import FILE_TO_READ, FILE_TO_WRITE, FOLDER_TO_FILL, FOLDER_TO_READ, fail
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


@click.command("backup")
@click.argument("folder", metavar="DEST", type=FOLDER_TO_FILL)
@click.option("--encrypt-to", "recipient", default="", help="Chiffrer pour cette clé publique age (age1…).")
@click.option(
    "--keep-days", type=click.IntRange(1), help="Supprimer ensuite les sauvegardes plus anciennes, sauf la dernière."
)
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
@with_appcontext
def backup_command(folder: Path, recipient: str, keep_days: int | None, *, as_json: bool) -> None:
    """Back up the database, the files and the keys into a folder; the status is 0 only when all is there, as
    the rows say.
    """
    from portfolio.backup.create import Installation, create_backup
    from portfolio.backup.encryption import Recipient
    from portfolio.backup.repository import Repository
    from portfolio.backup.scheduled import remove_old_backups
    from portfolio.wording.backup import backup_messages, failure_message, removed_message, stopped_message

    extensions = current_app.extensions
    here = Installation(current_app.config["SETTINGS"], extensions["database"], extensions["files"], extensions["keys"])
    repository = Repository(folder.resolve())
    try:
        report = create_backup(here, repository, Recipient.parse(recipient) if recipient else None, now())
        removed = remove_old_backups(repository, timedelta(days=keep_days), now()) if keep_days else None
    except BackupError as error:
        fail(failure_message(error))
    except StoreUnavailable:
        fail(STORE_DOWN_TO_STAFF)
    except OSError as error:
        fail(stopped_message(error.strerror or str(error)))
    if as_json:
        click.echo(json.dumps(asdict(report), ensure_ascii=False, indent=2))
    else:
        said = [*backup_messages(report, str(folder)), *([removed_message(removed)] if removed else [])]
        click.echo("\n".join(said), err=not report.ok)
    sys.exit(0 if report.ok else 1)


@click.command("restore")
@click.argument("folder", metavar="SRC", type=FOLDER_TO_READ)
@click.option("--backup", "name", default="", help="Le nom d’une sauvegarde (sinon la dernière).")
@click.option(
    "--identity", type=click.Path(path_type=Path), help="Le fichier de la clé privée age d’une sauvegarde chiffrée."
)
@click.option("--signed-by", "public", default="", help="La clé publique des sauvegardes, que backup a écrite.")
@click.option("--unsigned", is_flag=True, help="Restaurer sans vérifier qui a fait la sauvegarde.")
@click.option("--list", "only_list", is_flag=True, help="Seulement dire quelles sauvegardes sont là.")
@with_appcontext
def restore_command(
    folder: Path, name: str, identity: Path | None, public: str, *, unsigned: bool, only_list: bool
) -> None:
    """Restore a backup into an empty installation, then check it; the status is 0 only when every check agrees."""
    from portfolio.backup.encryption import read_identities
    from portfolio.backup.repository import Repository, choose_public_key
    from portfolio.backup.restore import choose_backup, restore_backup
    from portfolio.wording.backup import failure_message, list_messages, restore_messages

    repository = Repository(folder.resolve())
    try:
        if only_list:
            click.echo("\n".join(list_messages(repository.backups())))
            return
        backup = choose_backup(repository, name)
        current_app.extensions["database"].engine.dispose()
        identities = read_identities(identity) if identity else ()
        config = current_app.config["SETTINGS"]
        signed_by = None if unsigned else choose_public_key(config.data, public)
        report = restore_backup(config, repository, backup, identities, signed_by)
    except BackupError as error:
        fail(failure_message(error))
    except StoreUnavailable:
        fail(STORE_DOWN_TO_STAFF)
    click.echo("\n".join(restore_messages(report, backup.name)), err=not report.ok)
    sys.exit(0 if report.ok else 1)


@click.command("consistency-manifest")
@click.argument("file", metavar="FICHIER", type=FILE_TO_WRITE)
@with_appcontext
def consistency_manifest(file: Path) -> None:
    """Write, signed, what the ledger and the files are at this moment, for a restore to be compared with."""
    from portfolio.backup.consistency import make_manifest
    from portfolio.backup.repository import BackupKey
    from portfolio.wording.backup import manifest_message

    key = BackupKey.load(current_app.config["SETTINGS"].data)
    file.write_text(make_manifest(current_app.extensions["database"], key, now()))
    click.echo(manifest_message(str(file), key.public))


@click.command("check-consistency")
@click.argument("file", metavar="FICHIER", type=FILE_TO_READ)
@click.option("--signed-by", "public", default="", help="La clé publique des sauvegardes.")
@with_appcontext
def check_consistency(file: Path, public: str) -> None:
    """Compare this installation, restored, with a manifest; the status is 0 only when nothing is lost."""
    from portfolio.backup.consistency import compare, read_manifest
    from portfolio.backup.repository import choose_public_key
    from portfolio.wording.backup import MANIFEST_NOT_OURS, comparison_messages, failure_message

    extensions, config = current_app.extensions, current_app.config["SETTINGS"]
    try:
        held = read_manifest(file.read_text(), choose_public_key(config.data, public))
    except BackupError as error:
        fail(failure_message(error))
    if held is None:
        fail(MANIFEST_NOT_OURS)
    try:
        found = compare(held, extensions["database"], extensions["files"], extensions["keys"])
    except StoreUnavailable:
        fail(STORE_DOWN_TO_STAFF)
    click.echo("\n".join(comparison_messages(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)
