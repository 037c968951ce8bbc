"""The OpenID providers of this installation, and what the browser keeps of a sign-in by one of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from flask import Flask, abort, current_app, session

from config import Config
from portfolio.db.engine import read_session
from portfolio.domain.account import identities
from portfolio.domain.account.identities import ProvenIdentity
from portfolio.domain.account.second_factor import decrypt, encrypt
from portfolio.screens.account.login.session_start import IDENTITY_TO_LINK
from portfolio.web.clock import now
from portfolio.web.openid import OpenIdClient

# What the signed cookie keeps: the state of a sign-in under way and where the person was going; where a
# logout goes on.
STATE, NEXT, LEAVING = "provider_state", "provider_next", "leaving"
_PURPOSE = "id token"


def init_app(app: Flask, config: Config) -> None:
    """Give the application a client for each provider of the settings, and templates their buttons."""
    clients = {each.name: OpenIdClient(each, config.address) for each in config.openid_providers}
    app.extensions["openid"] = clients
    app.jinja_env.globals["openid_providers"] = config.openid_providers


def client_of(name: str) -> OpenIdClient:
    """Return the client of a provider; the page does not exist for a name that the settings do not have."""
    clients: Mapping[str, OpenIdClient] = current_app.extensions["openid"]
    return clients[name] if name in clients else abort(404)


def label_of(name: str) -> str:
    """Return what a provider is called; the name itself for one that the settings no longer have."""
    clients: Mapping[str, OpenIdClient] = current_app.extensions["openid"]
    return clients[name].provider.label if name in clients else name


def waiting_identity() -> ProvenIdentity | None:
    """Return the identity that this browser proved and that waits for its account."""
    state = session.get(IDENTITY_TO_LINK)
    return identities.find_answer(read_session(), state, at=now()) if isinstance(state, str) else None


def sealed_id_token(id_token: str) -> bytes:
    """Return an ID token encrypted under the key of the installation."""
    return encrypt(id_token, str(current_app.config["SECRET_KEY"]), _PURPOSE)


def provider_logout_url(name: str, sealed: bytes) -> str | None:
    """Return where the browser ends the session of a provider; None when it has no such page, or is no longer
    in the settings.
    """
    id_token = decrypt(sealed, str(current_app.config["SECRET_KEY"]), _PURPOSE)
    client: OpenIdClient | None = current_app.extensions["openid"].get(name)
    return client.logout_url(id_token, secrets.token_urlsafe(16)) if client and id_token else None
