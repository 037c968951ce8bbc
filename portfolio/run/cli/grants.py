"""Grants: explained, and derived again from the facts."""

import json
import sys
from uuid import UUID

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import NoResultFound

from portfolio.db.engine import read_session
from portfolio.errors import Refusal
from portfolio.run.cli.answer import fail


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
    from portfolio.wording.holdings.decision_audit import audit_message, audit_summary, audited_as_json

    found = 0
    for audited in decision_audit.audit_decisions(read_session()):
        found += 1
        line = json.dumps(audited_as_json(audited), ensure_ascii=False) if as_json else audit_message(audited)
        click.echo(line)
    if not as_json:
        click.echo(audit_summary(found), err=bool(found))
    sys.exit(1 if found else 0)
