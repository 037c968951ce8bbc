"""The address of this installation; addresses that differ by one id only, built once for a whole page; where
one came from.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app, request, url_for

from portfolio.web.form_recovery import safe_path

NOBODY = UUID(int=0)


def base_url() -> str:
    """Return where people find this installation, without a slash at its end."""
    address: str = current_app.config["SETTINGS"].address
    return address.rstrip("/")


def url_builder(endpoint: str, parameter: str, **values: Any) -> Callable[[UUID], str]:
    """Return what makes the address of each id: a page of a thousand lines builds one."""
    values[parameter] = NOBODY
    before, _, after = url_for(endpoint, **values).partition(str(NOBODY))
    return lambda one: f"{before}{one}{after}"


def safe_referrer() -> str | None:
    """The page of ours from which the request was sent; None when it is unknown, elsewhere, or the very one
    that was refused.

    A form is often sent to the address of its own page, which can still be read.
    """
    sent = urlsplit(request.referrer or "")
    refused = request.method == "GET" and sent.path == request.path
    if sent.netloc != request.host or not sent.path or refused:
        return None
    return safe_path(f"{sent.path}?{sent.query}" if sent.query else sent.path)
