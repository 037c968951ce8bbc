"""Commands: they read their arguments, call services, and say in French what happened."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, NoReturn
from uuid import UUID

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portfolio.account.models import CertifyingBody
from portfolio.account.services import create_certifier, plain_email, reinstate, suspend
from portfolio.certificate.rules.ledger import Head, read_heads
from portfolio.certification.readers import MAX_BYTES, read_entry
from portfolio.certification.rules import Entry, NotAnEntry, entry_as_json
from portfolio.certification.rules.versioning import CertificationRefusal
from portfolio.certification.services import import_entry
from portfolio.certification.wording import (
    REFUSALS,
    doubt_sentence,
    outcome_sentence,
    refusal_sentence,
    where_sentence,
)
from portfolio.db import database, reading, transaction
from portfolio.mail.delivery import deliver
from portfolio.mail.models import Mail
from portfolio.mail.services import text_from
from portfolio.refusal import Refusal
from portfolio.storage.store import StoreDown
from portfolio.web.clock import now

STORE_DOWN_TO_STAFF = "Les fichiers ne répondent pas. Vérifiez FILES_URL, S3_ENDPOINT et les clés d’accès, puis recommencez."


def install(app: Flask) -> None:
    """Give the application its commands."""
    for command in (
        migrate,
        serve,
        work,
        create_certifier_command,
        suspend_person,
        reinstate_person,
        outbox,
        import_certification,
        explain_grants,
        check_ledger,
        recompute_grants,
        send_digests,
        send_mail,
        check_files_command,
        sweep_files_command,
    ):
        app.cli.add_command(command)


def fail(sentence: str) -> NoReturn:
    """Say on the error output what is wrong, and end with a status that says so too."""
    click.echo(sentence, err=True)
    sys.exit(1)


@click.command("migrate")
@with_appcontext
def migrate() -> None:
    """Bring the database to the tables of this version."""
    from portfolio.certificate.services.ledger import record_earlier
    from portfolio.migration import UnknownRoleError, upgrade

    settings = current_app.config["SETTINGS"]
    try:
        upgrade(settings.database_owner_url, application_url=settings.database_url)
    except UnknownRoleError as unknown:
        fail(f"Le rôle PostgreSQL « {unknown} » de DATABASE_URL n’existe pas. Créez-le (CREATE ROLE … LOGIN), puis recommencez.")
    with transaction() as session:
        record_earlier(session, at=now())
    click.echo("La base de données est à jour.")


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the product until Ctrl-C or SIGTERM; what is done later is the worker's (`work`)."""
    from portfolio.web.server import serve as run

    click.echo(f"Acquis répond sur {current_app.config['SETTINGS'].address} (Ctrl-C pour arrêter).")
    app: Any = current_app
    run(app._get_current_object())


@click.command("work")
@with_appcontext
def work() -> None:
    """Do what is done later (mail, page images, sweeps) until Ctrl-C or SIGTERM; one is enough, several share the work."""
    from portfolio.worker import work as run

    app: Any = current_app
    run(app._get_current_object())


@click.command("create-certifier")
@with_appcontext
@click.argument("email")
@click.option("--name", default="", help="Prénom et nom de la personne.")
@click.option("--body", "body_name", default="Organisme certificateur", help="Nom légal de l’organisme.")
@click.option("--city", default="", help="Ville de l’organisme.")
def create_certifier_command(email: str, name: str, body_name: str, city: str) -> None:
    """Invite the first certifier of a body."""
    if "@" not in email:
        fail(f"« {email} » n’est pas une adresse électronique. Écrivez-la comme dans « prenom.nom@exemple.fr ».")
    with transaction() as session:
        person = create_certifier(session, email, name or plain_email(email).split("@")[0], body_name, city, at=now())
        session.flush()
        letter = session.scalars(select(Mail).where(Mail.person_id == person.id).order_by(Mail.written_at.desc())).first()
        text = text_from(letter, current_app.config["SETTINGS"].address) if letter else ""
    click.echo(f"{person.email} peut entrer pour « {body_name} ». Voici son courrier :\n\n{text}")


@click.command("suspend-person")
@with_appcontext
@click.argument("email")
def suspend_person(email: str) -> None:
    """Close an account at once, on every device: a stolen password, someone who left."""
    with transaction() as session:
        found = suspend(session, email, at=now())
    if found is None:
        fail(f"Aucun compte à l’adresse « {email} ». Vérifiez-la.")
    click.echo(f"Le compte de {found.name} est suspendu : ses sessions et ses liens ne servent plus.")


@click.command("reinstate-person")
@with_appcontext
@click.argument("email")
def reinstate_person(email: str) -> None:
    """Open a suspended account again; its person chooses a new password by the link they receive."""
    with transaction() as session:
        found = reinstate(session, email, at=now())
    if found is None:
        fail(f"Aucun compte à l’adresse « {email} ». Vérifiez-la.")
    click.echo(f"Le compte de {found.name} est ouvert. Un lien lui est écrit pour choisir un nouveau mot de passe.")


@click.command("outbox")
@with_appcontext
@click.option("--last", default=20, help="Combien de courriers.")
def outbox(last: int) -> None:
    """Print the last letters, for an installation without a mail server."""
    address = current_app.config["SETTINGS"].address
    for mail in reading().scalars(select(Mail).order_by(Mail.written_at.desc()).limit(last)):
        click.echo(f"--- {mail.email} · {mail.subject}\n{text_from(mail, address)}")


@click.command("send-mail")
@with_appcontext
def send_mail() -> None:
    """Send now the letters that are due."""
    left = deliver(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Courriers partis : {left}.")


@click.command("send-digests")
@with_appcontext
def send_digests() -> None:
    """Write the digests that are due; they leave with the other letters."""
    from portfolio.sweep import write_digests_due

    written = write_digests_due(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Récapitulatifs écrits : {written}.")


@click.command("import-certification")
@with_appcontext
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Lire sans rien enregistrer.")
@click.option("--json", "as_json", is_flag=True, help="Écrire ce qui a été lu en JSON.")
@click.option("--body", "body_name", default="", help="Nom de l’organisme, s’il y en a plusieurs.")
def import_certification(file: Path, dry_run: bool, as_json: bool, body_name: str) -> None:
    """Read a register entry; keep it as a draft to check on the screen."""
    entry = _read(file)
    sentence = "Lu sans rien enregistrer." if dry_run else _kept(entry, only_body(body_name).id)
    if as_json:
        click.echo(json.dumps(entry_as_json(entry, sentence=doubt_sentence), ensure_ascii=False, indent=2))
        return
    blocks = sum(len(block.competencies) for block in entry.blocks)
    click.echo(f"{entry.code} · {entry.title} : {len(entry.blocks)} blocs, {blocks} compétences.")
    for doubt in entry.doubts:
        click.echo(f"À vérifier ({where_sentence(doubt.where)}) : {doubt_sentence(doubt)}")
    click.echo(sentence)


def _read(file: Path) -> Entry:
    """Read the file, or end the command saying what was understood and what was not."""
    try:
        with file.open("rb") as content:
            return read_entry(content.read(MAX_BYTES + 1), file.name)
    except OSError:
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except NotAnEntry as refusal:
        fail(refusal_sentence(refusal))


def _kept(entry: Entry, body_id: UUID) -> str:
    """Keep the entry as a draft and say what became of it."""
    try:
        with transaction() as session:
            imported = import_entry(session, body_id, entry, by=None, at=now())
            return outcome_sentence(imported.outcome, entry.code, imported.version.number)
    except Refusal as refusal:
        fail(REFUSALS[CertificationRefusal(refusal.code)](refusal.facts))


@click.command("explain-grants")
@with_appcontext
@click.argument("candidacy")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def explain_grants(candidacy: str, as_json: bool) -> None:
    """Say for each block whether it is granted, and why."""
    from portfolio.certificate.services import explain
    from portfolio.certificate.wording import explanation_as_json

    try:
        found = explain(reading(), UUID(candidacy))
    except (ValueError, NoResultFound):
        fail("Cette candidature n’existe pas. Copiez son identifiant depuis l’adresse de sa page.")
    except Refusal as refusal:
        fail(f"Aucune réponse : {refusal.code}.")
    answer = explanation_as_json(found)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line in answer["blocks"]:
        click.echo(line["sentence"])
    click.echo(answer["whole"]["sentence"])
    click.echo(f"{answer['result']['sentence']}.")


@click.command("check-ledger")
@with_appcontext
@click.option("--head", "head_file", type=click.Path(path_type=Path), help="Des têtes gardées ailleurs, comme heads.log.")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def check_ledger(head_file: Path | None, as_json: bool) -> None:
    """Recompute the whole ledger and every act it records; the status is 0 only when nothing was bent."""
    from portfolio.certificate.ledger_wording import checked_as_json, checked_sentences
    from portfolio.certificate.services.ledger import check

    outside = _outside_heads(head_file) if head_file else []
    found = check(reading(), current_app.extensions["keys"], outside)
    if as_json:
        click.echo(json.dumps(checked_as_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(checked_sentences(found, len(outside))), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("recompute-grants")
@with_appcontext
@click.option("--check", "only_check", is_flag=True, required=True, help="Comparer sans rien écrire.")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def recompute_grants(only_check: bool, as_json: bool) -> None:  # noqa: ARG001 - there is no other way to run it
    """Derive every grant again from the facts; the status is 0 only when what is stored is the same."""
    from portfolio.certificate.later_wording import recomputed_as_json, recomputed_sentences
    from portfolio.certificate.services import recompute

    found = recompute(reading())
    if as_json:
        click.echo(json.dumps(recomputed_as_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(recomputed_sentences(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)


def _outside_heads(file: Path) -> list[Head]:
    """Read heads kept elsewhere, or end the command saying why they cannot be read."""
    try:
        heads = read_heads(file.read_text())
    except (OSError, UnicodeDecodeError):
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except ValueError as error:
        fail(f"La ligne {error} de « {file.name} » n’est pas une tête. Donnez une copie de heads.log.")
    return heads or fail(f"Le fichier « {file.name} » ne contient aucune tête.")


@click.command("check-files")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
@click.option("--remake", "again", is_flag=True, help="Faire refaire les images de pages et les copies perdues ou abîmées.")
def check_files_command(as_json: bool, again: bool) -> None:
    """Read every file again and compare it with its rows; the status is 0 only when all is well."""
    from portfolio.kept_files import check_files, remake
    from portfolio.storage.checking_wording import checked_as_json, checked_sentences

    try:
        files = current_app.extensions["files"]
        found = check_files(files, database())
        if again:
            remake(database(), files, found.findings, now())
    except StoreDown:
        fail(STORE_DOWN_TO_STAFF)
    if as_json:
        click.echo(json.dumps(checked_as_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(checked_sentences(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("sweep-files")
@with_appcontext
def sweep_files_command() -> None:
    """Remove what sendings that never ended left, and the files no row names, both older than a day."""
    from portfolio.kept_files import sweep_files, sweep_sendings
    from portfolio.storage.checking_wording import swept_sentence
    from portfolio.storage.parts import Parts

    try:
        begun, forgotten = sweep_files(current_app.extensions["files"], database(), now())
        begun += sweep_sendings(Parts(current_app.config["SETTINGS"].parts), database(), now())
        click.echo(swept_sentence(begun, forgotten))
    except StoreDown:
        fail(STORE_DOWN_TO_STAFF)


def only_body(name: str) -> CertifyingBody:
    """The body of this name, or the only one; ends the command when it cannot be told."""
    query = select(CertifyingBody).order_by(CertifyingBody.name)
    bodies = reading().scalars(query.where(CertifyingBody.name == name) if name else query).all()
    if len(bodies) == 1:
        return bodies[0]
    if not bodies:
        fail("Aucun organisme de ce nom. Créez-en un : flask create-certifier ADRESSE --body NOM.")
    return fail("Plusieurs organismes : choisissez avec --body, parmi " + ", ".join(body.name for body in bodies) + ".")
