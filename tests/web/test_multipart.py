"""Forms are taken apart in larger pieces than Werkzeug's, and come out the same."""

from __future__ import annotations

import io
import os

import pytest
from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from portfolio.web import multipart
from portfolio.web.bodies import FORM_ROOM
from portfolio.web.multipart import PIECE


@pytest.fixture
def ours() -> type[Request]:
    app = Flask(__name__)
    multipart.install(app)
    return app.request_class


def sent(body: bytes, kind: str) -> dict[str, object]:
    return EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_length=len(body), content_type=kind).get_environ()


def came(request: Request) -> tuple[object, object]:
    with request:
        files = [(name, one.filename, one.read()) for name, one in request.files.items(multi=True)]
        return request.form.to_dict(flat=False), files


@pytest.mark.parametrize("more", [-200, -160, -100, -3, -1, 0, 1, 2, 40, PIECE])
def test_files_and_fields_are_the_same_wherever_a_piece_ends(ours, more):
    content = os.urandom(PIECE + more - 3) + b"\r\n-"
    head = '--b\r\nContent-Disposition: form-data; name="files"; filename="é.pdf"\r\n\r\n'.encode()
    field = '\r\n--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nMarée\r\n--b--\r\n'.encode()
    request = ours(sent(head + content + field, "multipart/form-data; boundary=b"))
    request.max_form_memory_size = FORM_ROOM  # as in the application: a piece must be well under it
    assert came(request) == ({"title": ["Marée"]}, [("files", "é.pdf", content)])


BROKEN = [
    (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", "multipart/form-data; boundary=b"),
    (b"--b\r\n\r\nx\r\n--b--", "multipart/form-data; boundary=b"),
    (b"--b--", "multipart/form-data"),
    (b"--b--", "multipart/form-data; boundary=\u00e9"),
    (b"", "multipart/form-data; boundary=b"),
    (b"title=1&title=2", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
]


@pytest.mark.parametrize(("body", "kind"), BROKEN)
def test_what_is_no_form_of_files_is_what_werkzeug_makes_of_it(ours, body, kind):
    assert came(ours(sent(body, kind))) == came(Request(sent(body, kind)))


def test_fields_longer_than_a_form_may_hold_are_refused(ours):
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 1000 + b"\r\n--b--\r\n"
    request = ours(sent(body, "multipart/form-data; boundary=b"))
    request.max_form_memory_size = 500
    with pytest.raises(RequestEntityTooLarge):
        request.form.get("a")
