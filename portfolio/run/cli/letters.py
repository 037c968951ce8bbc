"""Letters: those that wait, those that leave."""

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from portfolio.db.engine import database, read_session
from portfolio.domain.account.models import Person
from portfolio.domain.account.throttle import normalise_email
from portfolio.domain.email.delivery import send_pending
from portfolio.domain.email.models import OutgoingEmail
from portfolio.domain.email.use_cases import body_of
from portfolio.web.clock import now


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
