"""Origin of a request: network address, and the cookie of known browsers."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, after_this_request, current_app, request

from portfolio.domain.account.rules import KNOWN_BROWSER_LIFE
from portfolio.domain.account.throttle import Origin
from portfolio.web.network import network_address

# People who use one browser, and the length of a token: a longer cookie is none of ours.
_MAX_PEOPLE, _TOKEN_LENGTH = 4, 43


def request_origin() -> Origin:
    """Return the origin of the current request."""
    tokens = request.cookies.get(browser_cookie_name(), "")[: _MAX_PEOPLE * (_TOKEN_LENGTH + 1)].split(".")
    valid = tuple(token for token in tokens if len(token) == _TOKEN_LENGTH)[:_MAX_PEOPLE]
    return Origin(network_address(request.remote_addr), valid, str(current_app.config["SECRET_KEY"]))


def set_browser_cookie(tokens: Sequence[str]) -> None:
    """Have the answer to this request set the cookie of known browsers: out of reach of scripts and of other
    sites.
    """
    settings = current_app.config["SETTINGS"]

    @after_this_request
    def _set(response: Response) -> Response:
        response.set_cookie(
            browser_cookie_name(),
            ".".join(tokens[:_MAX_PEOPLE]),
            max_age=KNOWN_BROWSER_LIFE,
            secure=not settings.is_loopback_http,
            httponly=True,
            samesite="Lax",
        )
        return response


def browser_cookie_name() -> str:
    """Return the name of the cookie of known browsers."""
    return (
        "acquis-navigateur" if current_app.config["SETTINGS"].is_loopback_http else "__Host-acquis-navigateur"
    )
