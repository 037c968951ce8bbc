"""The ledger and the rows of lists, checked against the facts."""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.db.engine import read_session, transaction
from portfolio.domain.ledger.rules.chain import Checkpoint, read_checkpoints
from portfolio.domain.ledger.witness import WitnessCheck, agrees, read_note
from portfolio.run.cli.answer import fail


@click.command("check-ledger")
@with_appcontext
@click.option(
    "--head", "head_file", type=click.Path(path_type=Path), help="Des têtes gardées ailleurs, comme heads.log."
)
@click.option(
    "--checkpoint",
    "notes",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Une empreinte gardée par un témoin (N.checkpoint) ; N.tsr à côté est vérifié avec TSA_CA_FILE.",
)
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def check_ledger(head_file: Path | None, notes: Sequence[Path], as_json: bool) -> None:
    """Recompute the whole ledger and every act it records; the status is 0 only when nothing was bent."""
    from portfolio.domain.integrity_checks.verification import check
    from portfolio.wording.ledger import checked_as_json, verification_messages, witness_message

    outside = _outside_heads(head_file) if head_file else []
    witnessed = [_witnessed(path) for path in notes]
    found = check(read_session(), current_app.extensions["keys"], outside)
    if as_json:
        answer = checked_as_json(found) | ({"witnesses": [asdict(one) for one in witnessed]} if witnessed else {})
        click.echo(json.dumps(answer, ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(verification_messages(found, len(outside))), err=not found.ok)
        for one in witnessed:
            click.echo(witness_message(one), err=not one.agrees)
    sys.exit(0 if found.ok and all(one.agrees for one in witnessed) else 1)


def _witnessed(path: Path) -> WitnessCheck:
    """Compare the ledger with what a witness kept, or end the command saying why it cannot be read."""
    from portfolio.time_stamps import TimeStampError, load_authorities, verify

    config = current_app.config["SETTINGS"]
    stamp, at, fault = path.with_suffix(".tsr"), "", ""
    try:
        content = path.read_bytes()
        note = read_note(content.decode())
    except (OSError, ValueError):
        fail(f"« {path.name} » n’est pas l’empreinte d’un registre. Donnez un fichier N.checkpoint.")
    if stamp.exists():
        try:
            authorities = load_authorities(config.tsa_ca_file) if config.tsa_ca_file else []
            at = verify(stamp.read_bytes(), content, authorities).isoformat()
        except TimeStampError as error:
            fault = str(error)
    return WitnessCheck(path.name, note.size, agrees(read_session(), note) and not fault, at, fault)


def _outside_heads(file: Path) -> list[Checkpoint]:
    """Read heads kept elsewhere, or end the command saying why they cannot be read."""
    try:
        heads = read_checkpoints(file.read_text())
    except (OSError, UnicodeDecodeError):
        fail(f"Le fichier « {file.name} » ne peut pas être lu. Vérifiez son nom et ses droits.")
    except ValueError as error:
        fail(f"La ligne {error} de « {file.name} » n’est pas une tête. Donnez une copie de heads.log.")
    return heads or fail(f"Le fichier « {file.name} » ne contient aucune tête.")


@click.command("check-all")
@with_appcontext
def check_all() -> None:
    """Run the checks of the night now: the ledger, the grants, every file; the status is 0 only when
    nothing differs.
    """
    from portfolio.run.worker import integrity_checks
    from portfolio.wording.ledger import check_messages

    app: Any = current_app
    found = integrity_checks(app._get_current_object()).run(whole=True)
    click.echo("\n".join(f"{name}\u00a0: {says}" for name, says in check_messages(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)


@click.command("recompute-lists")
@with_appcontext
@click.option("--check", "only_check", is_flag=True, help="Comparer sans rien écrire.")
def recompute_lists(only_check: bool) -> None:
    """Compare the rows of lists with the facts, and write again those that differ; the status of a check is 0
    when none does.
    """
    from portfolio.domain.candidacy_listing.use_cases import check, recompute

    if only_check:
        found = check(read_session())
    else:
        with transaction() as session:
            found = recompute(session)
    for key in found.candidacies[:20]:
        click.echo(f"Candidature {key} : sa ligne de liste n’est pas celle des faits.", err=True)
    for key in found.certificates[:20]:
        click.echo(f"Certificat {key} : sa ligne de liste n’est pas celle des faits.", err=True)
    for _body, facet, value in found.counts[:20]:
        click.echo(f"Compte « {facet} {value} » : il n’est pas celui des candidatures.", err=True)
    if found.is_right:
        click.echo("Les listes disent ce que disent les faits.")
    else:
        number = len(found.candidacies) + len(found.counts) + len(found.certificates)
        click.echo(f"{number} différences" + (", rien n’est changé." if only_check else ", corrigées."))
    sys.exit(1 if only_check and not found.is_right else 0)
