"""Letters: those that wait, those that leave."""

from __future__ import annotations

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import func, select

from portfolio.account.models import Person
from portfolio.account.throttle import plain_email
from portfolio.db import database, reading
from portfolio.mail.delivery import deliver
from portfolio.mail.models import Mail
from portfolio.mail.services import text_from
from portfolio.web.clock import now


@click.command("outbox")
@with_appcontext
@click.option("--last", default=20, help="Combien de courriers.")
@click.option("--to", "email", default="", help="Seulement les courriers de cette adresse.")
def outbox(last: int, email: str) -> None:
    """Print the last letters, links included: only the person who runs the installation reads these."""
    address = current_app.config["SETTINGS"].address
    query = select(Mail).outerjoin(Person, Person.id == Mail.person_id).order_by(Mail.written_at.desc()).limit(last)
    if email:
        query = query.where(func.coalesce(Person.email, Mail.to_email) == plain_email(email))
    for mail in reading().scalars(query):
        click.echo(f"--- {mail.email} · {mail.subject}\n{text_from(mail, address)}")


@click.command("send-mail")
@with_appcontext
def send_mail() -> None:
    """Send now the letters that are due."""
    left = deliver(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Courriers partis : {left}.")


@click.command("send-digests")
@with_appcontext
def send_digests() -> None:
    """Write the digests that are due; they leave with the other letters."""
    from portfolio.sweep import write_digests_due

    written = write_digests_due(database(), current_app.config["SETTINGS"], now())
    click.echo(f"Récapitulatifs écrits : {written}.")
