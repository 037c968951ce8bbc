"""Answers that are whole before they are sent: a browser that goes in the middle of one does not keep a file open."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from typing import TYPE_CHECKING

from flask import Flask
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def whole(app: Flask) -> WSGIApplication:
    """Return the same application for the small server of tests, which forgets to close what it was sending when
    nobody listens any more.
    """

    def answer(environ: WSGIEnvironment, start: StartResponse) -> Iterable[bytes]:
        said, status, headers = run_wsgi_app(app, environ)
        with closing(said):
            body = b"".join(said)
        start(status, headers.to_wsgi_list())
        return [body]

    return answer
