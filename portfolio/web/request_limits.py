"""How much the body of a request may weigh, by its address: only who is connected sends files as large as the settings allow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException

# Room for the fields around a file, and for a text far too long to be refused politely: of someone connected, of anyone.
FORM_MAX_BYTES = 32 * 1024 * 1024
PUBLIC_MAX_BYTES = 4 * 1024 * 1024

View = Callable[..., Any]


class Settings(Protocol):
    """The limits of the installation, in bytes."""

    upload_limit: int


Limit = Callable[[Any], int]


def accepts_file(limit: Limit) -> Callable[[View], View]:
    """Say, of a page for everyone, how large a file it takes: this setting, in bytes. The others take none."""

    def mark(view: View) -> View:
        view.receives = limit  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Bound what the application reads of a body, whatever server is in front."""

    @app.before_request
    def _bound() -> None:
        request.max_content_length = max_body_size(app, request.method, request.path)


def max_body_size(app: Flask, method: str, path: str) -> int:
    """Answer how many bytes the body of a request to this address may have, its file and its fields together."""
    view = _view(app, method, path)
    room = PUBLIC_MAX_BYTES if _is_public(view) else FORM_MAX_BYTES
    return _file_limit(view, app.config["SETTINGS"]) + room


def file_limit() -> int:
    """Answer how large a file, in bytes, the page of this request takes: 0 for none."""
    return _file_limit(current_app.view_functions.get(request.endpoint or ""), current_app.config["SETTINGS"])


def _file_limit(view: View | None, settings: Settings) -> int:
    own: Limit | None = getattr(view, "receives", None)
    return own(settings) if own else 0 if _is_public(view) else settings.upload_limit


def _is_public(view: View | None) -> bool:
    """Whether a view is for everyone; an address that is none of ours is."""
    return view is None or getattr(view, "permission", None) == "public"


def _view(app: Flask, method: str, path: str) -> View | None:
    try:
        endpoint, _ = app.url_map.bind("").match(path, method)
    except HTTPException:
        return None
    return app.view_functions.get(endpoint)
