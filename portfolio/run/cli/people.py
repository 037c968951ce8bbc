"""Commands for accounts: create the first certifier of a body, close or reopen an account."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from portfolio.db.engine import transaction
from portfolio.domain.account import second_factor
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.account.use_cases import create_certifier, reinstate, suspend
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import body_of
from portfolio.run.cli.answer import fail
from portfolio.web.clock import now


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
    click.echo(f"Le compte de {found.name} est suspendu : ses sessions et ses liens ne servent plus.")


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
