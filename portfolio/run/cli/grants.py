"""Grants: explained, and derived again from the facts; their certificates, listed and exported."""

import json
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import NoResultFound

from portfolio.db.engine import read_session, transaction
from portfolio.errors import Refusal
from portfolio.files.storage.store import StoreError
from portfolio.run.cli.answer import FILE_TO_WRITE, fail
from portfolio.signing_key import LostKeyError
from portfolio.web.clock import now

_FORMS = ["jsonld", "jwt", "pdf", "bundle"]


@click.command("explain-grants")
@with_appcontext
@click.argument("candidacy")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def explain_grants(candidacy: str, as_json: bool) -> None:
    """Say for each block whether it is granted, and why; and what prevents the jury that is awaited from deciding."""
    from portfolio.domain.holdings.use_cases.recompute import explain
    from portfolio.domain.jury_session.use_cases.former_jury import list_awaited_juries
    from portfolio.web.clock import today
    from portfolio.wording.holdings.grants import explanation_as_json
    from portfolio.wording.jury import awaited_to_json

    try:
        found = explain(read_session(), UUID(candidacy), on=today())
    except (ValueError, NoResultFound):
        fail("Cette candidature n’existe pas. Copiez son identifiant depuis l’adresse de sa page.")
    except Refusal as refusal:
        fail(f"Aucune réponse : {refusal.code}.")
    answer = explanation_as_json(found)
    juries = list_awaited_juries(read_session(), UUID(candidacy))
    awaited = [awaited_to_json(jury.held_on, jury.prevented_by) for jury in juries]
    answer |= {"juries": awaited} if awaited else {}
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    for line in answer["blocks"]:
        click.echo(line["sentence"])
    click.echo(answer["whole"]["sentence"])
    click.echo(f"{answer['result']['sentence']}.")
    for line in awaited:
        click.echo(line["sentence"])


@click.command("recompute-grants")
@with_appcontext
@click.option("--check", "only_check", is_flag=True, required=True, help="Comparer sans rien écrire.")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def recompute_grants(only_check: bool, as_json: bool) -> None:  # noqa: ARG001 - there is no other way to run it
    """Derive every grant again from the facts; the status is 0 only when what is stored is the same."""
    from portfolio.domain.holdings.use_cases.recompute import recompute
    from portfolio.wording.holdings.status_changes import recompute_messages, recomputed_as_json

    found = recompute(read_session())
    if as_json:
        click.echo(json.dumps(recomputed_as_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(recompute_messages(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("audit-decisions")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def audit_decisions(as_json: bool) -> None:
    """Name the closed minutes that contradict their votes, their rule or the law; the status is 0 only without any."""
    from portfolio.domain.holdings.use_cases import decision_audit
    from portfolio.wording.holdings.contests import audit_message, audit_summary, audited_as_json

    found = 0
    for audited in decision_audit.audit_decisions(read_session()):
        found += 1
        line = json.dumps(audited_as_json(audited), ensure_ascii=False) if as_json else audit_message(audited)
        click.echo(line)
    if not as_json:
        click.echo(audit_summary(found), err=bool(found))
    sys.exit(1 if found else 0)


@click.command("list-certificates")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la liste en JSON.")
def list_certificates(as_json: bool) -> None:
    """List the certificates: number, what each certifies, day of the act, status today."""
    from portfolio.domain.holdings.use_cases.credentials import iterate_certificates
    from portfolio.wording.holdings.grants import subject_message

    listed = []
    for certificate, status, is_signed in iterate_certificates(read_session()):
        labels = certificate.printed_text
        line = {
            "number": certificate.number,
            "code": labels["certification"]["code"],
            "title": labels["certification"]["title"],
            "subject": subject_message(labels),
            "delivered_on": labels["delivered_on"],
            "status": status.value,
            "credential": is_signed,
        }
        if as_json:
            listed.append(line)
        else:
            click.echo(f"{line['number']}  {line['code']}, {line['subject']}, {line['delivered_on']}, {line['status']}")
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))


@click.command("export-credential")
@with_appcontext
@click.argument("number")
@click.option("--as", "kind", type=click.Choice(_FORMS), required=True, help="Ce qui est exporté.")
@click.option("--to", "path", type=FILE_TO_WRITE, required=True, help="Fichier à écrire.")
def export_credential(number: str, kind: str, path: Path) -> None:
    """Write a certificate into a file: as strangers' tools read it, signed now if it is not yet, or as a PDF."""
    from portfolio.domain.holdings.rules.completion import read_number
    from portfolio.domain.holdings.use_cases.credentials import load_credential, sign_missing
    from portfolio.domain.notification.use_cases.document_data import find_certificate_data
    from portfolio.verifiable_credentials import load_issuer
    from portfolio.wording.documents import given_certificate
    from portfolio.wording.documents.credential import Prover, credential_bundle, credential_content

    config, meant = current_app.config["SETTINGS"], read_number(number) or ""
    data = find_certificate_data(read_session(), meant)
    if data is None:
        fail("Ce certificat n’existe pas. « flask list-certificates » donne les numéros.")
    files, address = current_app.extensions["files"], f"{config.address.rstrip('/')}/certificats/{meant}"
    try:
        content = given_certificate(read_session(), files, data, address)
    except StoreError as error:
        fail(f"Le PDF ne peut pas être lu dans le stockage des fichiers ({error}).")
    if kind != "pdf":
        try:
            issuer = load_issuer(config.data, config.address)
            prover = Prover(issuer, current_app.extensions["keys"], config.tsa_ca_file)
        except LostKeyError as error:
            fail(str(error))
        with transaction() as db:
            sign_missing(db, issuer, credential_content, at=now(), number=meant)
            credential = load_credential(db, meant)
            assert credential is not None
            content = (
                credential_bundle(db, prover, credential, content, now())
                if kind == "bundle"
                else (credential.document if kind == "jsonld" else credential.token).encode()
            )
    try:
        path.write_bytes(content)
    except OSError:
        fail(f"Le fichier « {path} » ne peut pas être écrit.")
    click.echo(f"{path}, {len(content)} octets")


@click.command("reseal-certificates")
@with_appcontext
@click.option("--days", default=90, show_default=True, help="Cachets qui finissent dans moins de tant de jours.")
def reseal_certificates(days: int) -> None:
    """Seal the PDF of signed certificates that have no seal, and again those whose seal ends soon; all files are kept.

    A seal is made again with the certificate of seal in use only when this one ends later.
    """
    from portfolio.run.maintenance import seal_certificates
    from portfolio.seals import SealError

    config, extensions = current_app.config["SETTINGS"], current_app.extensions
    if config.seal_file is None:
        fail("Aucun certificat de cachet : donnez SEAL_FILE et SEAL_PASSWORD_FILE.")
    store, files, keys = (extensions[name] for name in ("database", "files", "keys"))
    try:
        soon = now() + timedelta(days=days)
        count = seal_certificates(store, files, keys, config, now(), again_before=soon)
    except (SealError, StoreError) as error:
        fail(f"Les cachets ne peuvent pas être faits ({error}). « flask doctor » dit pourquoi.")
    click.echo(f"Certificats cachetés : {count}")


@click.command("rotate-credential-key")
@with_appcontext
def rotate_credential_key() -> None:
    """Give the certificates signed from now on a new key; the former keys stay published for ever."""
    from portfolio.verifiable_credentials import rotate_credential_keys

    keys = rotate_credential_keys(current_app.config["SETTINGS"].data)
    click.echo(f"Nouvelle clé des certificats numériques : {keys.published[-1]['kid']}")
    click.echo(f"Clés publiées : {len(keys.published)}. Les certificats déjà signés restent valables.")
