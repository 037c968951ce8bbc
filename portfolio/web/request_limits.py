"""Limits on request bodies (throttle): bytes by route and session, 64 kB without a session; fields and parts,
counted while a form is read.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

from flask import Flask, Request, current_app, request
from flask import session as cookie
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser

# Room for the fields around a file, and for a text far too long to be refused politely: of someone connected,
# of anyone.
FORM_MAX_BYTES = 32 * 1024 * 1024
PUBLIC_MAX_BYTES = 4 * 1024 * 1024
# The body of a request whose session cookie is absent, forged, or signed without a login or a link of a third
# party.
ANONYMOUS_BODY_BYTES = 64 * 1024
MAX_FIELDS = 10_000
# No multipart form of ours has so many parts, fields and files together.
MAX_PARTS = 300
# Bytes of each file of a form that stay in memory: a form may have hundreds of files.
_FILE_MEMORY_BYTES = 64 * 1024
# In the session cookie: the token of a login, as Flask-Login keeps it, and the mark of a third party who
# opened their link.
_LOGIN, _LINK = "_user_id", "link_opened"
_WITHOUT_BODY = {"GET", "HEAD", "OPTIONS"}

View = Callable[..., Any]


class Settings(Protocol):
    """The limits of the installation, in bytes."""

    upload_limit: int


Limit = Callable[[Any], int]


def accepts_file(limit: Limit) -> Callable[[View], View]:
    """Say, of a page for everyone, how large a file it takes: this setting, in bytes.

    The others take none.
    """

    def mark(view: View) -> View:
        view.receives = limit  # type: ignore[attr-defined]
        return view

    return mark


def init_app(app: Flask) -> None:
    """Bound what the application reads of a body, and count fields and parts while they are read, whatever
    server is in front.
    """
    app.request_class = _Request
    app.config["MAX_FORM_PARTS"] = MAX_PARTS

    @app.before_request
    def _bound() -> None:
        length = request.content_length
        # The session is not read for a page: its answer would depend on the cookie.
        is_small = request.method in _WITHOUT_BODY or (length is not None and length <= ANONYMOUS_BODY_BYTES)
        request.max_content_length = (
            ANONYMOUS_BODY_BYTES if is_small else _bound_for(app, request.method, request.path, cookie)
        )
        if request.method not in _WITHOUT_BODY and request.mimetype == "application/x-www-form-urlencoded":
            request.environ["wsgi.input"] = CountedFields(request.environ["wsgi.input"], MAX_FIELDS)


def mark_link_opened() -> None:
    """Sign in the session cookie that a third party opened a valid link: the pages of links keep their own
    bound.
    """
    if _LINK not in cookie:
        cookie[_LINK] = True


def max_body(app: Flask, method: str, path: str, cookies: str) -> int:
    """Return how many bytes the body may have, by the signature of the session cookie alone, without a query.

    The cookie of a session that has ended keeps the bound: the page that asks to log in again carries what
    was typed.
    """
    session = app.session_interface.open_session(app, app.request_class({"HTTP_COOKIE": cookies}))
    return _bound_for(app, method, path, session or {})


def max_body_size(app: Flask, method: str, path: str) -> int:
    """Return how many bytes the body of a request to this address may have, with a session, its file and its
    fields together.
    """
    return _address_bound(app, _view(app, method, path))


def _bound_for(app: Flask, method: str, path: str, session: Mapping[str, Any]) -> int:
    view = _view(app, method, path)
    is_known = _LOGIN in session or (_LINK in session and _is_public(view))
    return _address_bound(app, view) if is_known else ANONYMOUS_BODY_BYTES


def _address_bound(app: Flask, view: View | None) -> int:
    return _file_limit(view, app.config["SETTINGS"]) + (
        PUBLIC_MAX_BYTES if _is_public(view) else FORM_MAX_BYTES
    )


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


class CountedFields(io.RawIOBase):
    """The body of a form without files: a stream that raises RequestEntityTooLarge as soon as it holds too
    many fields, since each costs many times its bytes. Werkzeug counts those of forms with files alone.
    """

    def __init__(self, stream: IO[bytes], max_fields: int) -> None:
        """Read this stream of a body in `application/x-www-form-urlencoded`."""
        self._stream, self._left = stream, max_fields

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes."""
        data = self._stream.read(len(buffer))
        buffer[: len(data)] = data
        self._left -= data.count(b"&")
        if self._left <= 0:
            raise RequestEntityTooLarge
        return len(data)


class _MultipartParser(FormDataParser):
    """A form with files, read by Werkzeug: each file goes to a temporary file.

    Browsers send heavy files in parts, as raw bodies: this is the way without JavaScript.
    """

    def __init__(self, *_: Any, **more: Any) -> None:
        """Use our temporary files, whatever the request proposes."""
        super().__init__(**more | {"stream_factory": _temporary_file})


class _Request(Request):
    form_data_parser_class = _MultipartParser


def _temporary_file(*_: object, **__: object) -> IO[bytes]:
    return SpooledTemporaryFile(_FILE_MEMORY_BYTES)
