"""The site for which passkeys are made and accepted."""

from __future__ import annotations

from flask import current_app

from config import Config
from portfolio.domain.account.passkeys import Site


def passkey_site() -> Site | None:
    """Return the host name and origin of this site; None where the standard allows no passkey."""
    config: Config = current_app.config["SETTINGS"]
    return Site(config.passkey_host, config.origin) if config.passkey_host else None
