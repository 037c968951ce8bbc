"""Forms with files are read by Werkzeug: each file in a temporary file, few bytes of it in memory, and a
bounded number of parts.
"""

import gc
import io
import os
import warnings

import pytest
from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from portfolio.web import request_limits
from portfolio.web.request_limits import FORM_MAX_BYTES, MAX_PARTS

KIND = "multipart/form-data; boundary=b"


@pytest.fixture
def ours() -> type[Request]:
    app = Flask(__name__)
    request_limits.init_app(app)
    return app.request_class


def request_of(ours: type[Request], body: bytes, kind: str = KIND) -> Request:
    stream = io.BytesIO(body)
    return ours(
        EnvironBuilder(method="POST", input_stream=stream, content_length=len(body), content_type=kind).get_environ()
    )


def file_part(content: bytes, name: str = "é.pdf") -> bytes:
    return (
        f'--b\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode() + content + b"\r\n"
    )


def test_a_heavy_file_and_the_fields_after_it_are_read_and_the_file_waits_on_the_disk(ours):
    content = os.urandom(3_000_000)
    field = '--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nMarée\r\n--b--\r\n'.encode()
    with request_of(ours, file_part(content) + field) as request:
        request.max_form_memory_size = FORM_MAX_BYTES
        assert request.form["title"] == "Marée"
        file = request.files["files"]
        assert (file.filename, file.read()) == ("é.pdf", content)
        assert os.fstat(file.fileno()).st_size == len(content)


def test_a_light_file_stays_in_memory(ours):
    with request_of(ours, file_part(b"light") + b"--b--\r\n") as request:
        assert request.files["files"].stream._rolled is False  # type: ignore[attr-defined]


def test_as_many_parts_as_a_form_may_have_and_not_one_more(ours):
    def form(parts: int) -> Request:
        request = request_of(ours, file_part(b"light") * parts + b"--b--\r\n")
        request.max_form_parts = MAX_PARTS
        return request

    with form(MAX_PARTS) as request:
        assert len(request.files.getlist("files")) == MAX_PARTS
    with (
        warnings.catch_warnings()
    ):  # Werkzeug lets the collector close the files of a form that it refuses, which says so
        warnings.simplefilter("ignore", ResourceWarning)
        with form(MAX_PARTS + 1) as request, pytest.raises(RequestEntityTooLarge):
            request.files.getlist("files")
        del request
        gc.collect()


@pytest.mark.parametrize("body", [b"", b"--b--", b"--b\r\n\r\nx\r\n--b--", b"\xff\xfe"])
def test_what_is_no_form_of_files_has_no_fields(ours, body):
    with request_of(ours, body) as request:
        assert not request.files
        assert not request.form
