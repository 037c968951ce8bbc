"""Retention: what will go and when, and the erasure of what is due."""

import click
from flask import current_app
from flask.cli import with_appcontext

from portfolio.db.engine import database
from portfolio.web.clock import now, today


@click.command("retention")
@click.option("--preview", "preview", is_flag=True, help="Dire ce qui va partir, sans rien effacer.")
@click.option("--apply", "apply", is_flag=True, help="Écrire les courriers dus et effacer ce qui est échu.")
@click.option("--days", default=90, show_default=True, help="Avec --preview : jusqu’à combien de jours d’ici.")
@with_appcontext
def retention(preview: bool, apply: bool, days: int) -> None:
    """Show what will be erased in the coming days, or write the notices that are due and erase what is due."""
    if preview == apply:
        raise click.UsageError("Choisissez --preview ou --apply.")
    if preview:
        _show(days)
        return
    from portfolio.run.maintenance import apply_retention

    files, uploads = current_app.extensions["files"], current_app.extensions["uploads"]
    done = apply_retention(database(), files, uploads, now)
    click.echo(f"Échéances changées : {done.changed}.")
    click.echo(f"Personnes prévenues : {done.told}.")
    click.echo(f"Effacements décidés : {done.planned}.")
    click.echo(f"Dossiers effacés : {done.erased}.")


def _show(days: int) -> None:
    from datetime import timedelta

    from portfolio.domain.retention.use_cases.clocks import compute_all
    from portfolio.domain.retention.use_cases.due import foresee_run, list_ending
    from portfolio.french_text import count, date_fr
    from portfolio.wording.retention import GROUNDS, kind_message

    compute_all(database(), today())  # as the run that erases does first
    with database().reader() as session:
        rows = list_ending(session, today() + timedelta(days=days))
        run = foresee_run(session, now())
        for row in rows:
            told = "prévenue" if row.noticed_due_on == row.due_on else "pas encore prévenue"
            kind, ground = kind_message(row.kind, row.ground), GROUNDS[row.ground]
            click.echo(f"{date_fr(row.due_on)} · candidature {row.candidacy_id} · {kind} · {ground} · personne {told}")
    click.echo(f"{count(len(rows), 'échéance')} d’ici {count(days, 'jour')}, d’après les faits de maintenant.")
    click.echo(
        f"Maintenant, --apply préviendrait {count(run.told, 'personne')} et effacerait {count(run.erased, 'dossier')}."
    )
