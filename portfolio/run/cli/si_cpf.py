"""The transmission of holders to the Caisse des Dépôts: the file written, the receipt read."""

import hashlib
import os
from pathlib import Path
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfSettings
from portfolio.domain.si_cpf.rules import FlowAction
from portfolio.domain.si_cpf.use_cases import transmission
from portfolio.errors import Refusal
from portfolio.run.cli.answer import FILE_TO_READ, FILE_TO_WRITE, fail
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message
from portfolio.wording.si_cpf import ACTIONS, receipt_message


@click.command("export-si-cpf")
@with_appcontext
@click.option("--to", "target", required=True, type=FILE_TO_WRITE, help="Fichier XML à écrire.")
@click.option("--body", "name", default="", help="Nom de l’organisme, s’il y en a plusieurs.")
@click.option("--remove", is_flag=True, help="Préparer les suppressions au lieu des déclarations.")
def export_si_cpf(target: Path, name: str, remove: bool) -> None:
    """Write the file for the Caisse des Dépôts: the one that awaits its receipt, else a new one."""
    action = FlowAction.SUPPRESSION if remove else FlowAction.CREATION
    body_id, draft = _body(name), target.with_name(f".{target.name}.partial")
    digest = hashlib.sha256()
    try:
        with transaction() as session:
            flow = transmission.find_live_flow(session, body_id) or transmission.prepare_flow(
                session, body_id, action, current_app.config["SETTINGS"].address, by=None, at=now()
            )
            flow_id, said = flow.id, f"{flow.flow_id} ({ACTIONS[flow.action]} de {flow.passages})"
        # It holds social security numbers: only its owner reads it, and an unfinished one is not left there.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            key = str(current_app.config["SECRET_KEY"])
            row = read_session().get_one(SiCpfFlow, flow_id)
            for chunk in transmission.write_flow(read_session(), row, key):
                digest.update(chunk)
                file.write(chunk)
        with transaction() as session:
            transmission.keep_digest(session, flow_id, digest.hexdigest())
        draft.replace(target)
    except Refusal as refusal:
        fail(refusal_message(refusal))
    except OSError as error:
        fail(f"Le fichier « {target} » ne peut pas être écrit : {error.strerror}.")
    finally:
        draft.unlink(missing_ok=True)
    click.echo(
        f"L’envoi {said} est écrit dans « {target} ». Déposez-le sur le portail, puis supprimez ce fichier : il "
        "contient des données personnelles."
    )


def _body(name: str) -> UUID:
    query = select(CertifyingBody.id).join(SiCpfSettings, SiCpfSettings.body_id == CertifyingBody.id)
    found = read_session().scalars(query.where(CertifyingBody.name == name) if name else query).all()
    if len(found) != 1:
        fail("Donnez par --body le nom d’un organisme qui a rempli ses réglages SI-CPF.")
    return found[0]


@click.command("read-si-cpf-receipt")
@with_appcontext
@click.argument("file", type=FILE_TO_READ)
def read_si_cpf_receipt(file: Path) -> None:
    """Read a receipt of the Caisse des Dépôts: all its answers, or none."""
    try:
        with file.open("rb") as opened, transaction() as session:
            flow = transmission.apply_receipt(session, opened, by=None, at=now())
            said = f"L’accusé de {flow.flow_id} est lu : {receipt_message(flow.accepted, flow.rejected)}"
    except Refusal as refusal:
        fail(refusal_message(refusal))
    click.echo(said)
