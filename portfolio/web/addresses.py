"""The address of this installation, and addresses that differ by one id only, built once for a whole page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import current_app, url_for

NOBODY = UUID(int=0)


def own_address() -> str:
    """Answer where people find this installation, without a slash at its end."""
    address: str = current_app.config["SETTINGS"].address
    return address.rstrip("/")


def addresses(endpoint: str, parameter: str, **values: Any) -> Callable[[UUID], str]:
    """Answer what makes the address of each id: a page of a thousand lines builds one."""
    values[parameter] = NOBODY
    before, _, after = url_for(endpoint, **values).partition(str(NOBODY))
    return lambda one: f"{before}{one}{after}"
