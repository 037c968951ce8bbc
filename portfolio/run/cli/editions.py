"""Commands that send out: sealed dossiers, anonymous figures, the files for the Caisse des Dépôts."""

import hashlib
import json
import os
import shutil
from dataclasses import asdict
from pathlib import Path
from uuid import UUID

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.exc import NoResultFound

from portfolio.db.engine import read_session, transaction
from portfolio.domain.account.models import CertifyingBody
from portfolio.domain.si_cpf.models import SiCpfFlow, SiCpfSettings
from portfolio.domain.si_cpf.rules import FlowAction
from portfolio.domain.si_cpf.use_cases import transmission
from portfolio.domain.submission.rules.returns import EditionKind, EditionState
from portfolio.errors import Refusal
from portfolio.run.cli.answer import FILE_TO_READ, FILE_TO_WRITE, fail
from portfolio.web.clock import now
from portfolio.web.forms import refusal_message
from portfolio.wording.si_cpf import ACTIONS, receipt_message

_SEALED_KINDS = [kind.value for kind in EditionKind if kind is not EditionKind.DRAFT]
_BATCH = 200


@click.command("list-submissions")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Écrire la liste en JSON.")
def list_submissions(as_json: bool) -> None:
    """List the sealed dossiers: identifier, candidate, certification, number, moment, root."""
    from portfolio.domain.candidacy.models import Submission
    from portfolio.domain.submission.rules.manifest import read_manifest
    from portfolio.french_text import datetime_fr

    rows = read_session().scalars(
        select(Submission).order_by(Submission.submitted_at, Submission.id).execution_options(yield_per=_BATCH)
    )
    listed = []
    for row in rows:
        dossier = read_manifest(row.manifest)
        line = {
            "id": str(row.id),
            "candidate": dossier.candidate,
            "code": dossier.certification.code,
            "title": dossier.certification.title,
            "number": row.number,
            "kind": row.kind.value if row.kind else "livret",
            "submitted_at": row.submitted_at.isoformat(),
            "blocks": [block.number for block in dossier.blocks],
            "exhibits": len(dossier.exhibits),
            "root": row.root,
        }
        if as_json:
            listed.append(line)
        else:
            about = f"{dossier.candidate}, {dossier.certification.code}, dépôt n° {row.number}"
            click.echo(f"{row.id}  {about}, {datetime_fr(row.submitted_at)}")
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))


@click.command("export-livret")
@with_appcontext
@click.argument("submission")
@click.option("--as", "kind", type=click.Choice(_SEALED_KINDS), required=True, help="Ce qui est exporté.")
@click.option("--to", "path", type=FILE_TO_WRITE, required=True, help="Fichier à écrire.")
def export_livret(submission: str, kind: str, path: Path) -> None:
    """Make an edition of a sealed dossier, unless it is made already, and write it into a file."""
    from portfolio.documents.livret.archive import entries_of, stream_archive
    from portfolio.domain.submission.use_cases.editions import load_printable
    from portfolio.wording.documents.receipt import index_values
    from portfolio.wording.editions import refusal_message

    try:
        printable = load_printable(read_session(), UUID(submission))
    except (ValueError, NoResultFound):
        fail("Ce dépôt n’existe pas. « flask list-submissions » donne les identifiants.")
    except Refusal as refusal:
        fail(refusal_message(refusal.code, refusal.facts))
    wanted = EditionKind(kind)
    try:
        if wanted is EditionKind.ZIP:
            editions = [_made(printable, EditionKind.READING), _made(printable, EditionKind.ARCHIVAL)]
            with path.open("wb") as target:
                for chunk in stream_archive(
                    entries_of(index_values, printable, current_app.extensions["files"], editions), now()
                ):
                    target.write(chunk)
        else:
            made = _made(printable, wanted)
            with current_app.extensions["files"].open(made.key) as content, path.open("wb") as target:
                shutil.copyfileobj(content, target)
    except Refusal as refusal:
        fail(refusal_message(refusal.code, refusal.facts))
    except OSError as error:
        fail(f"Impossible d’écrire {path} : {error.strerror or error}.")
    click.echo(f"{path} : {path.stat().st_size} octets.")


def _made(printable, kind: EditionKind):  # type: ignore[no-untyped-def]
    """Return an edition that is kept; make it first when it is not."""
    from portfolio.documents.livret.archive import MadeEdition
    from portfolio.domain.submission.use_cases.editions import find_edition, request_edition
    from portfolio.run.worker import edition_worker
    from portfolio.wording.editions import FILE_NAMES

    with transaction() as session:
        edition_id = request_edition(session, printable, kind, by=None, at=now()).id
    edition_worker(current_app).make_now(edition_id)
    with current_app.extensions["database"].reader() as session:
        found = find_edition(session, printable.root_of(kind), kind)
        if found is None or found.state is not EditionState.READY or found.key is None:
            fail("Le document n’a pas pu être préparé. Le journal de l’application dit pourquoi.")
        return MadeEdition(FILE_NAMES[kind], found.key, found.size or 0, found.sha256 or "")


@click.command("import-livret")
@with_appcontext
@click.argument("file", type=FILE_TO_READ)
@click.option("--email", required=True, help="Adresse électronique de la personne candidate.")
def import_livret(file: Path, email: str) -> None:
    """Take back a sealed dossier from its ZIP: same texts, same files, same root."""
    from portfolio.documents.livret.archive import receive_archive
    from portfolio.domain.account.throttle import normalise_email
    from portfolio.domain.dossier.use_cases.uploads import delete_file
    from portfolio.domain.submission.use_cases.import_archive import import_archive
    from portfolio.wording.editions import refusal_message

    if "@" not in email:
        fail(f"« {email} » n’est pas une adresse électronique. Écrivez-la comme dans « prenom.nom@exemple.fr ».")
    store = current_app.extensions["files"]
    received = None
    try:
        received = receive_archive(file, store)
        with transaction() as session:
            submission = import_archive(session, received, normalise_email(email), at=now())
            line = f"Dépôt {submission.id}, empreinte {submission.root}."
    except Refusal as refusal:
        for stored_file in received.files.values() if received else ():
            delete_file(store, stored_file.key)
        fail(refusal_message(refusal.code, refusal.facts))
    click.echo(line)


@click.command("figures")
@with_appcontext
@click.option("--json", "as_json", is_flag=True, help="Les chiffres en JSON, pour un programme.")
def figures(*, as_json: bool) -> None:
    """Count people from the invitation to the certification, by body, month and route; cells under five are hidden."""
    from portfolio.domain.candidacy.rules.funnel import FunnelRow
    from portfolio.screens.certifier.figures.views import list_bodies
    from portfolio.wording.figures import FUNNEL, funnel_rows

    bodies = list(list_bodies(read_session()))
    if not as_json:
        for name, funnel in bodies:
            click.echo(name)
            for _theme, group, measure, value in funnel_rows(funnel):
                click.echo(f"  {group} · {measure} : {value or '–'}")
        return

    def told(row: FunnelRow) -> dict[str, object]:
        fields = asdict(row)
        steps = [step.value for step in FUNNEL]
        return {
            "counts": dict(zip(steps, fields["counts"], strict=True)),
            "median_days": dict(zip(steps, fields["days"], strict=True)),
            "median_active_minutes": row.minutes,
        }

    found = [
        {
            "body": name,
            "total": told(funnel.total),
            "months": {month: told(row) for month, row in funnel.months.items()},
            "routes": {route.value: told(row) for route, row in funnel.routes.items()},
            "leaving": {reason.value: number for reason, number in funnel.leaving.items()},
        }
        for name, funnel in bodies
    ]
    click.echo(json.dumps({"hidden_under": 5, "bodies": found}, ensure_ascii=False, indent=2))


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
