"""Write letters in the transaction that causes them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sqlalchemy.orm import Session

from portfolio.account.models import Person
from portfolio.mail.models import Mail
from portfolio.queue import order

# The errand of sending what waits.
MAIL = "mail"
TEMPLATES = Path(__file__).parents[2] / "templates" / "emails"
# A letter is written before anyone knows from which address it will be sent.
ADDRESS = "{acquis}"


class Letter(StrEnum):
    """The letters the product writes; each has a template of its name."""

    INVITATION = "invitation"
    NEWS = "news"
    NOTIFIED = "notified"
    RESET = "reset"
    RULED = "ruled"


@cache
def _letters() -> Environment:
    # Plain text: nothing to escape.
    return Environment(loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=False, trim_blocks=True)  # noqa: S701


def write(session: Session, person: Person, letter: Letter, *, at: datetime, body_id: UUID | None = None, **facts: Any) -> Mail:
    """Write a letter; its first line is the subject. It leaves after the transaction, or not at all."""
    text = _letters().get_template(f"{letter}.txt").render(site=ADDRESS, **facts)
    subject, _, body = text.partition("\n")
    mail = Mail(body_id=body_id, person_id=person.id, subject=subject.strip(), text=body.strip() + "\n", written_at=at)
    session.add(mail)
    order(session, MAIL)
    return mail


def text_from(mail: Mail, address: str) -> str:
    """The text of a letter, its links leading to this installation."""
    return mail.text.replace(ADDRESS, address.rstrip("/"))
