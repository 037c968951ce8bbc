"""Forms are read without their bulky files, and come out as Werkzeug makes them."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import resource
import sys
import warnings
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import accumulate, pairwise
from random import Random
from typing import Any

import pytest
from flask import Flask, Request
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.test import EnvironBuilder

from portfolio.files.storage.unlinked_file import UnlinkedFile
from portfolio.server import multipart
from portfolio.server.multipart_splitter import CHUNK_BYTES, EXTRACT_FROM_BYTES, MultipartSplitter, boundary_of
from portfolio.web.request_limits import FORM_MAX_BYTES

KIND = "multipart/form-data; boundary=b"


@pytest.fixture
def ours() -> type[Request]:
    app = Flask(__name__)
    multipart.init_app(app)
    return app.request_class


def sent(body: bytes, kind: str) -> dict[str, object]:
    return EnvironBuilder(method="POST", input_stream=io.BytesIO(body), content_length=len(body), content_type=kind).get_environ()


@contextmanager
def cut(body: bytes, places: Iterable[int]) -> Iterator[dict[str, object]]:
    """A form as our server hands it over: sorted while it came, in pieces cut at these places."""
    with closing(MultipartSplitter(b"b", in_memory=50_000)) as sorter:
        for start, end in pairwise([0, *places, len(body)]):
            sorter.append(body[start:end])
        sorter.end()
        assert len(sorter) == len(body)
        yield sent(body, KIND) | {"wsgi.input": sorter.getfile()}


@pytest.fixture
def as_it_came():
    """The same, cut in pieces of one size."""
    with ExitStack() as opened:
        yield lambda body, size=100_003: opened.enter_context(cut(body, range(size, len(body), size)))


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


@pytest.mark.parametrize("more", [-200, -160, -100, -3, -1, 0, 1, 2, 40, CHUNK_BYTES])
def test_files_and_fields_are_the_same_wherever_a_piece_ends(ours, more):
    content = os.urandom(CHUNK_BYTES + more - 3) + b"\r\n-"
    head = '--b\r\nContent-Disposition: form-data; name="files"; filename="é.pdf"\r\n\r\n'.encode()
    field = '\r\n--b\r\nContent-Disposition: form-data; name="title"\r\n\r\nMarée\r\n--b--\r\n'.encode()
    request = ours(sent(head + content + field, KIND))
    request.max_form_memory_size = FORM_MAX_BYTES  # as in the application: a piece must be well under it
    assert came(request) == ({"title": ["Marée"]}, [("files", "é.pdf", content)])


@pytest.mark.parametrize(
    "name", [b"a\xed\xa0\x80b.pdf", b"\xe9t\xe9.pdf", b"\xff\xfe.pdf"], ids=["surrogate", "latin-1", "noise"]
)
def test_a_name_in_no_encoding_is_read_as_far_as_it_can_be_and_its_file_is_there(ours, name):
    body = b'--b\r\nContent-Disposition: form-data; name="files"; filename="' + name + b'"\r\n\r\nX\r\n--b--\r\n'
    [(field, shown, content)] = came(ours(sent(body, KIND)))[1]
    assert (field, content) == ("files", b"X")
    assert "\ufffd" in shown
    assert shown.endswith(".pdf")


BROKEN = [
    (b"--b\r\nContent-Disposition: form-data; name=a\r\n\r\nx", KIND),
    (b"--b\r\n\r\nx\r\n--b--", KIND),
    (b"--b--", "multipart/form-data"),
    (b"--b--", "multipart/form-data; boundary=\u00e9"),
    (b"", KIND),
    (b"title=1&title=2", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
]


@pytest.mark.parametrize(("body", "kind"), BROKEN)
def test_what_is_no_form_of_files_is_what_werkzeug_makes_of_it(ours, body, kind):
    assert came(ours(sent(body, kind))) == came(Request(sent(body, kind)))


def test_fields_longer_than_a_form_may_hold_are_refused(ours):
    body = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"x" * 1000 + b"\r\n--b--\r\n"
    request = ours(sent(body, KIND))
    request.max_form_memory_size = 500
    with pytest.raises(RequestEntityTooLarge):
        request.form.get("a")


def part(name: str, content: bytes, filename: str | None = None, more: bytes = b"") -> bytes:
    named = f'; filename="{filename}"' if filename is not None else ""
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{named}\r\n'.encode() + more + b"\r\n" + content + b"\r\n"


# The boundary is not in it by chance: its reading would then be left to Werkzeug, as of a form written in an unusual way.
BULK = Random(1).randbytes(EXTRACT_FROM_BYTES + 12_345).replace(b"--b", b"---")
ODD = {
    "one bulky file between fields": part("a", b"1") + part("f", BULK, "x.pdf") + part("b", "Marée".encode()),
    "two bulky files, a light one": part("f", BULK, "x.pdf") + part("f", b"light", "y") + part("g", BULK[::-1], "z"),
    "a bulky field is none": part("a", b"x" * (EXTRACT_FROM_BYTES + 5)),
    "a bulky file with its own type": part("f", BULK, "é\u202e.pdf", b"Content-Type: application/pdf\r\nX-Odd: b\r\n"),
    "the boundary inside a file, not at a line": part("f", BULK + b"--b" + BULK, "x"),
    "the boundary inside a file, at a line, longer": part("f", BULK + b"\r\n--bulky" + BULK, "x") + part("a", b"1"),
    "the boundary inside a file, after a bare line feed": part("f", BULK + b"\n--b\n" + BULK, "x") + part("a", b"1"),
    "a part inside a file": part("f", BULK + b"\r\n" + part("g", BULK, "inner"), "x") + part("a", b"1"),
    "no headers": b"--b\r\n\r\n" + BULK + b"\r\n",
    "headers too long": part("f", BULK, "x", b"X-Long: " + b"y" * 20_000 + b"\r\n"),
    "another kind of blank line": b'--b\nContent-Disposition: form-data; name="f"; filename="x"\n\n' + BULK + b"\r\n",
    "a field whose headers meet the file": b'--b\r\nContent-Disposition: form-data; name="c"\r\n' + part("f", BULK, "x"),
    "headers that end with two returns": part("f", b"", "x")[:-4] + b"\r\r\n\r\n" + BULK + b"\r\n",
    "more bulky files than are sorted": part("f", BULK[:EXTRACT_FROM_BYTES], "x") * 40,
    "a preamble": b"before\r\n" + part("f", BULK, "x"),
    "an empty file and a bulky one": part("e", b"", "") + part("f", BULK, "x"),
    "a file of zeros and line ends": part("f", b"\r\n\0" * EXTRACT_FROM_BYTES, "x"),
}


@pytest.mark.parametrize("more", ["--b--\r\n", "--b--", ""])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_a_form_sorted_as_it_came_is_read_as_werkzeug_reads_it(ours, as_it_came, body, more):
    told = body + more.encode()
    theirs = Request(sent(told, KIND))
    mine = ours(as_it_came(told))
    mine.max_form_memory_size = theirs.max_form_memory_size = FORM_MAX_BYTES
    with left_open():
        assert came(mine) == came(theirs)


@pytest.mark.parametrize("more", ["--b--\r\n", ""])
@pytest.mark.parametrize("body", ODD.values(), ids=ODD.keys())
def test_a_form_sorted_as_it_came_is_still_there_as_it_came(as_it_came, body, more):
    told = body + more.encode()
    assert as_it_came(told, 77_777)["wsgi.input"].read() == told


ENDS = [b"\r", b"\n", b"\r\n", b"--b", b"--", b"-", b"b", b"\r\n--b", b"\r\n--b\r", b"\r\n--bb", b"x"]


@given(st.lists(st.sampled_from(ENDS), max_size=12), st.integers(-40, 40), st.lists(st.integers(1, 60), max_size=8))
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_form_is_the_same_wherever_its_pieces_are_cut(ours, like_ends, first, sizes):
    """What ends a part, or looks like it, meets every end of a piece."""
    inside = b"".join(like_ends)
    told = part("a", b"1") + part("f", BULK + inside, "x") + part("g", inside, "y") + b"--b--\r\n"
    places = accumulate(sizes, initial=told.index(BULK) + len(BULK) + first)
    with cut(told, [place for place in places if place < len(told)]) as environ:
        mine, theirs = ours(environ), Request(sent(told, KIND))
        mine.max_form_memory_size = theirs.max_form_memory_size = FORM_MAX_BYTES
        with left_open():
            assert came(mine) == came(theirs)


@pytest.mark.parametrize("end", ["--b\r\n", "--b--"])
@pytest.mark.parametrize("back", range(16))
def test_an_end_of_part_is_found_wherever_a_piece_ends(ours, back, end):
    told = part("a", b"1") + part("f", BULK, "x") + end.encode()
    with cut(told, [len(told) - back] if back else []) as environ, left_open(), ours(environ) as request:
        landed = request.files.get("f")
        assert (landed is not None and isinstance(landed.stream, UnlinkedFile)) is (end == "--b--")
        [bulk] = environ["wsgi.input"].bulks
        assert bulk.file.size == len(BULK)
        assert environ["wsgi.input"].is_of(b"b")


def test_a_file_lands_with_its_size_and_its_digest(ours, as_it_came):
    told = part("a", b"1") + part("f", BULK, "x") + b"--b--\r\n"
    with ours(as_it_came(told)) as request:
        landed: Any = request.files["f"].stream
        assert (landed.size, landed.sha256) == (len(BULK), hashlib.sha256(BULK).hexdigest())
        assert request.form["a"] == "1"


@pytest.mark.parametrize(
    ("kind", "boundary"),
    [
        (KIND, b"b"),
        ('Multipart/Form-Data; charset=utf-8; boundary="b c"', b"b c"),
        ("multipart/form-data", b""),
        ("multipart/mixed; boundary=b", b""),
        ("multipart/form-data; boundary=é", b""),
        ("application/octet-stream", b""),
        ("", b""),
    ],
)
def test_only_a_form_of_files_has_a_boundary(kind, boundary):
    assert boundary_of(kind) == boundary


def test_only_what_is_bulky_is_taken_out(ours, as_it_came):
    with ours(as_it_came(part("f", BULK, "x") + part("g", b"light", "y") + b"--b--")) as request:
        assert isinstance(request.files["f"].stream, UnlinkedFile)
        assert not isinstance(request.files["g"].stream, UnlinkedFile)


def test_as_many_parts_as_a_form_may_have_and_not_one_more(ours, as_it_came):
    told = part("f", BULK, "x") * 3 + b"--b--"
    request = ours(as_it_came(told))
    request.max_form_parts = 2
    with left_open(), pytest.raises(RequestEntityTooLarge):
        request.files.get("f")


@pytest.mark.parametrize(
    "filling", [b"--b ", b"\r\n--b\r\n", b"\r\n--b ", part("f", b"", "x")], ids=["inside", "ends", "odd ends", "parts"]
)
def test_a_body_made_of_ends_of_parts_is_not_looked_through_to_its_end(filling):
    """It comes in the one thread that hears everybody."""
    looked: list[str] = []
    piece = filling * (200_000 // len(filling))
    with closing(MultipartSplitter(b"b", in_memory=50_000)) as sorter:
        sorter.append(part("f", BULK, "x"))
        sys.setprofile(lambda _frame, event, what: looked.append(what.__name__) if event == "c_call" else None)
        for _ in range(20):
            sorter.append(piece)
        sys.setprofile(None)
    assert looked.count("find") < 400
    assert len(looked) < 20_000


def test_a_disk_full_at_the_end_of_a_text_is_met_while_it_comes():
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with closing(MultipartSplitter(b"b", in_memory=10_000)) as sorter:
        sorter.append(part("a", b"x" * 300_000)[:-2])
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_500, hard))
        try:
            with pytest.raises(OSError, match="File too large"):
                sorter.append(b"y" * 3_000)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
