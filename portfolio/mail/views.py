"""The local outbox: where letters stay when no mail server is set."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, render_template

from portfolio.cases import BodyCase
from portfolio.db import reading
from portfolio.guards import certifier_page
from portfolio.mail.outbox import is_alone, list_outbox
from portfolio.mail.services import with_address
from portfolio.policy import Permission
from portfolio.web.clock import now

bp = Blueprint("mail", __name__)


@bp.get("/courriers")
@certifier_page(Permission.MANAGE_CANDIDACY)
def outbox(body: BodyCase) -> Any:
    """Show the letters that the certifier hands over in person; there is no such page when mail leaves by itself."""
    settings = current_app.config["SETTINGS"]
    if settings.smtp is not None:
        abort(404)
    letters = [(one, with_address(one.mail.text, settings.address)) for one in list_outbox(reading(), body.id, now())]
    return render_template("mail/outbox.html", letters=letters, alone=is_alone(reading()))
