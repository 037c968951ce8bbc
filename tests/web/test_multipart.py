"""Forms are read without their bulky files, and come out as Werkzeug makes them."""

from __future__ import annotations

import gc
import io
import os
import tempfile
import warnings
from contextlib import contextmanager
from random import Random

import pytest
from flask import Flask, Request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from portfolio.storage.landing import Landed
from portfolio.web import multipart
from portfolio.web.bodies import FORM_ROOM
from portfolio.web.multipart import BULKY, PIECE


@pytest.fixture
def ours() -> type[Request]:
    app = Flask(__name__)
    multipart.install(app)
    return app.request_class


def sent(body: bytes, kind: str) -> dict[str, object]:
    return EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_length=len(body), content_type=kind).get_environ()


@pytest.fixture
def in_a_file():
    """The same, as a server hands over a heavy body: in a file of the system, which it closes afterwards."""
    with tempfile.TemporaryFile() as file:

        def made(body: bytes) -> dict[str, object]:
            file.write(body)
            file.seek(0)
            kind = "multipart/form-data; boundary=b"
            return EnvironBuilder(method="POST", input_stream=file, content_length=len(body), content_type=kind).get_environ()

        yield made


@contextmanager
def left_open():
    """Werkzeug leaves the files of a form that breaks off to the collector, which says so."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        yield
        gc.collect()


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


@pytest.mark.parametrize(
    "name", [b"a\xed\xa0\x80b.pdf", b"\xe9t\xe9.pdf", b"\xff\xfe.pdf"], ids=["surrogate", "latin-1", "noise"]
)
def test_a_name_in_no_encoding_is_read_as_far_as_it_can_be_and_its_file_is_there(ours, name):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\nX\r\n--b--\r\n'
    [(field, shown, content)] = came(ours(sent(body, "multipart/form-data; boundary=b")))[1]
    assert (field, content) == ("files", b"X")
    assert "\ufffd" in shown
    assert shown.endswith(".pdf")


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


def part(name: str, content: bytes, filename: str | None = None, more: bytes = b"") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n'.encode() + more + b"\r\n" + content + b"\r\n"


# The boundary is not in it by chance: its reading would then be left to Werkzeug, as of a form written in an unusual way.
BULK = Random(1).randbytes(BULKY + 12_345).replace(b"--b", b"---")
ODD = {
    "one bulky file between fields": part("a", b"1") + part("f", BULK, "x.pdf") + part("b", "Marée".encode()),
    "two bulky files, a light one": part("f", BULK, "x.pdf") + part("f", b"light", "y") + part("g", BULK[::-1], "z"),
    "a bulky field is none": part("a", b"x" * (BULKY + 5)),
    "a bulky file with its own type": part("f", BULK, "é\u202e.pdf", b"Content-Type: application/pdf\r\nX-Odd: b\r\n"),
    "the boundary inside a file, not at a line": part("f", BULK + b"--b" + BULK, "x"),
    "the boundary inside a file, at a line, longer": part("f", BULK + b"\r\n--bulky" + BULK, "x") + part("a", b"1"),
    "the boundary inside a file, after a bare line feed": part("f", BULK + b"\n--b\n" + BULK, "x") + part("a", b"1"),
    "a part inside a file": part("f", BULK + b"\r\n" + part("g", BULK, "inner"), "x") + part("a", b"1"),
    "no headers": b"--b\r\n\r\n" + BULK + b"\r\n",
    "headers too long": part("f", BULK, "x", b"X-Long: " + b"y" * 20_000 + b"\r\n"),
    "another kind of blank line": b'--b\nContent-Disposition: form-data; name="f"; filename="x"\n\n' + BULK + b"\r\n",
    "a preamble": b"before\r\n" + part("f", BULK, "x"),
    "an empty file and a bulky one": part("e", b"", "") + part("f", BULK, "x"),
    "a file of zeros and line ends": part("f", b"\r\n\0" * BULKY, "x"),
}


@pytest.mark.parametrize("more", ["--b--\r\n", "--b--", ""])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_a_form_in_a_file_of_the_system_is_read_as_werkzeug_reads_it(ours, in_a_file, body, more):
    told = body + more.encode()
    theirs = Request(sent(told, "multipart/form-data; boundary=b"))
    mine = ours(in_a_file(told))
    mine.max_form_memory_size = theirs.max_form_memory_size = FORM_ROOM
    with left_open():
        assert came(mine) == came(theirs)


@pytest.mark.parametrize("before", range(PIECE - 220, PIECE + 40, 13))
def test_an_end_of_part_is_found_wherever_two_pieces_meet(ours, in_a_file, before):
    told = part("a", b"x" * before) + part("f", BULK, "x") + b"--b--\r\n"
    request = ours(in_a_file(told))
    request.max_form_memory_size = FORM_ROOM
    with request:
        file = request.files["f"]
        assert isinstance(file.stream, Landed)
        assert file.read() == BULK
        assert request.form["a"] == "x" * before


def test_only_what_is_bulky_is_taken_out(ours, in_a_file):
    with ours(in_a_file(part("f", BULK, "x") + part("g", b"light", "y") + b"--b--")) as request:
        assert isinstance(request.files["f"].stream, Landed)
        assert not isinstance(request.files["g"].stream, Landed)


def test_as_many_parts_as_a_form_may_have_and_not_one_more(ours, in_a_file):
    told = part("f", BULK, "x") * 3 + b"--b--"
    request = ours(in_a_file(told))
    request.max_form_parts = 2
    with left_open(), pytest.raises(RequestEntityTooLarge):
        request.files.get("f")
