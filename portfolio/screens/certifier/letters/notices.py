"""What a view says of the letters that a use case has just written."""

from __future__ import annotations

from flask import current_app

from portfolio.wording.email import coming_message


def delivery_notice(*, several: bool = False) -> str:
    """Return the sentence about letters just written: about to leave, or to hand over without a mail
    server.
    """
    return coming_message(has_server=current_app.config["SETTINGS"].smtp is not None, several=several)
