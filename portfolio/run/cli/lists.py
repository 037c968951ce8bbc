"""Commands about the rows by which lists sort and filter: compared with the facts, or written again from them."""

import sys

import click
from flask.cli import with_appcontext

from portfolio.db.engine import read_session, transaction


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
