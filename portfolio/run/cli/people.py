"""Commands for people: accounts, letters that wait or leave, the erasure of what is due."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from portfolio.db.engine import database, read_session, transaction
from portfolio.domain.account import second_factor
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.use_cases import create_certifier, reinstate, suspend
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import body_of
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now, today


@click.command("create-certifier")
@with_appcontext
@click.argument("email")
@click.option("--name", default="", help="Prénom et nom de la personne.")
@click.option("--body", "body_name", default="Organisme certificateur", help="Nom légal de l’organisme.")
@click.option("--city", default="", help="Ville de l’organisme.")
def create_certifier_command(email: str, name: str, body_name: str, city: str) -> None:
    """Invite the first certifier of a body."""
    if "@" not in email:
        fail(f"« {email} » n’est pas une adresse électronique. Écrivez-la comme dans « prenom.nom@exemple.fr ».")
    with transaction() as session:
        person = create_certifier(
            session, email, name or normalise_email(email).split("@")[0], body_name, city, at=now()
        )
        session.flush()
        letter = session.scalars(
            select(OutgoingEmail).where(OutgoingEmail.person_id == person.id).order_by(OutgoingEmail.created_at.desc())
        ).first()
        text = body_of(letter, current_app.config["SETTINGS"].address) if letter else ""
    click.echo(f"{person.email} peut entrer pour « {body_name} ». Voici son courrier :\n\n{text}")


@click.command("suspend-person")
@with_appcontext
@click.argument("email")
def suspend_person(email: str) -> None:
    """Close an account at once, on every device: a stolen password, someone who left."""
    with transaction() as session:
        found = suspend(session, email, at=now())
    if found is None:
        fail(f"Aucun compte à l’adresse « {email} ». Vérifiez-la.")
    click.echo(
        f"Le compte de {found.name} est suspendu. Ses sessions, ses liens et ses accès de logiciel ne servent plus."
    )


@click.command("reinstate-person")
@with_appcontext
@click.argument("email")
def reinstate_person(email: str) -> None:
    """Open a suspended account again; its person chooses a new password by the link they receive."""
    with transaction() as session:
        found = reinstate(session, email, at=now())
    if found is None:
        fail(f"Aucun compte à l’adresse « {email} ». Vérifiez-la.")
    click.echo(f"Le compte de {found.name} est ouvert. Un lien lui est écrit pour choisir un nouveau mot de passe.")


@click.command("remove-second-factor")
@with_appcontext
@click.argument("email")
def remove_second_factor(email: str) -> None:
    """Let in a person who lost their phone and their recovery codes: their password is enough again, and
    they are told.
    """
    with transaction() as session:
        person = session.scalar(select(Person).where(Person.email == normalise_email(email)))
        if person is None:
            fail(f"Personne n’a de compte à l’adresse « {email} ».")
        was_there = second_factor.remove_all(session, person.id, by=None, at=now())
    if was_there:
        click.echo(f"La double authentification de {email} est retirée. Un courrier l’en avertit.")
    else:
        click.echo(f"{email} n’a pas de double authentification.")


@click.command("outbox")
@with_appcontext
@click.option("--last", default=20, help="Combien de courriers.")
@click.option("--to", "email", default="", help="Seulement les courriers de cette adresse.")
def outbox(last: int, email: str) -> None:
    """Print the last letters, links included: only the person who runs the installation reads these."""
    address = current_app.config["SETTINGS"].address
    query = select(OutgoingEmail).outerjoin(OutgoingEmail.person).order_by(OutgoingEmail.created_at.desc()).limit(last)
    if email:
        query = query.where(func.coalesce(Person.email, OutgoingEmail.to_email) == normalise_email(email))
    for mail in read_session().scalars(query):
        click.echo(f"--- {mail.email} · {mail.subject}\n{body_of(mail, address)}")


@click.command("send-mail")
@with_appcontext
def send_mail() -> None:
    """Send now the letters that are due."""
    left = send_pending(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Courriers partis : {left}.")


@click.command("send-digests")
@with_appcontext
def send_digests() -> None:
    """Write the digests that are due; they leave with the other letters."""
    from portfolio.run.maintenance import queue_due_digests

    written = queue_due_digests(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Récapitulatifs écrits : {written}.")


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
