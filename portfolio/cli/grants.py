"""Grants: explained, and derived again from the facts."""

from __future__ import annotations

import json
import sys
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import NoResultFound

from portfolio.cli.answer import fail
from portfolio.db import reading
from portfolio.refusal import Refusal


@click.command("explain-grants")
@with_appcontext
@click.argument("candidacy")
@click.option("--json", "as_json", is_flag=True, help="Écrire la réponse en JSON.")
def explain_grants(candidacy: str, as_json: bool) -> None:
    """Say for each block whether it is granted, and why; and what prevents the jury that is awaited from deciding."""
    from portfolio.certificate.services import explain
    from portfolio.certificate.wording import explanation_as_json
    from portfolio.jury.services import awaited_juries
    from portfolio.jury.wording import awaited_as_json

    try:
        found = explain(reading(), UUID(candidacy))
    except (ValueError, NoResultFound):
        fail("Cette candidature n’existe pas. Copiez son identifiant depuis l’adresse de sa page.")
    except Refusal as refusal:
        fail(f"Aucune réponse : {refusal.code}.")
    answer = explanation_as_json(found)
    juries = awaited_juries(reading(), UUID(candidacy))
    awaited = [awaited_as_json(one.held_on, one.prevented_by) for one in juries]
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
    from portfolio.certificate.later_wording import recomputed_as_json, recomputed_sentences
    from portfolio.certificate.services import recompute

    found = recompute(reading())
    if as_json:
        click.echo(json.dumps(recomputed_as_json(found), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(recomputed_sentences(found)), err=not found.ok)
    sys.exit(0 if found.ok else 1)
