"""The fields of a form are bounded and read in flat memory, whatever they are written with."""

import io
import tracemalloc
from urllib.parse import parse_qsl, quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from portfolio.web.request_limits import FORM_MAX_BYTES, MAX_FIELDS, FormParser
from tests import factories

FIELDS = "application/x-www-form-urlencoded"
MEBIBYTE = 1024 * 1024


def read(body: bytes, kind: str = FIELDS):
    return FormParser().parse(io.BytesIO(body), kind, len(body), {"boundary": "b"})


def fields(count: int) -> bytes:
    return b"&".join(b"f%d=%d" % (number, number) for number in range(count))


def part(name: str, content: bytes, more: str = "") -> bytes:
    return f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.slow
@given(st.lists(st.tuples(st.text(min_size=1), st.text()), min_size=1))
def test_a_form_is_read_as_the_browser_wrote_it(written):
    _, form, _ = read(urlencode(written).encode())
    assert sorted(form.items(multi=True)) == sorted(written)


@given(st.binary(max_size=200))
def test_odd_bytes_are_read_as_the_library_of_python_reads_them(body):
    _, form, _ = read(body)
    expected = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1")
    as_text = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in expected]
    assert sorted(form.items(multi=True)) == sorted(
        (name.decode("utf-8", "replace"), value.decode("utf-8", "replace")) for name, value in as_text
    )


@pytest.mark.parametrize("step", range(4094, 4099))
def test_an_escape_at_the_end_of_a_piece_stays_whole(step):
    text = "a" * step + "é%€" * 3000
    assert read(b"x=" + quote_plus(text).encode())[1]["x"] == text


def test_a_form_of_many_fields_is_read_whole_and_of_one_more_is_not():
    assert len(read(fields(MAX_FIELDS))[1]) == MAX_FIELDS
    with pytest.raises(RequestEntityTooLarge):
        read(fields(MAX_FIELDS + 1))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (FIELDS, b"x=" + b"%C3%A9" * (FORM_MAX_BYTES // 6 - 1)),
        (FIELDS, b"x=" + b"%%%%%%" * (FORM_MAX_BYTES // 6 - 1)),
        (FIELDS, fields(MAX_FIELDS)),
        ("multipart/form-data", b"".join(part(f"f{number}", bytes(10_000)) for number in range(99)) + b"--b--"),
        (
            "multipart/form-data",
            b"".join(part("files", bytes(65_000), '; filename="a"') for _ in range(290)) + b"--b--",
        ),
    ],
)
def test_a_form_as_large_as_it_may_be_takes_a_few_times_its_bound(kind, body):
    tracemalloc.start()
    try:
        _, form, files = read(body, kind)
        assert form or files
        assert tracemalloc.get_traced_memory()[1] < 6 * FORM_MAX_BYTES
    finally:
        tracemalloc.stop()
        for _, file in files.items(multi=True):
            file.close()


def test_the_fields_of_a_form_with_files_are_bounded_together_with_their_headers():
    for body in (
        b"".join(part(f"f{number}", bytes(20_000)) for number in range(99)),
        b"".join(part("files", b"", f'; filename="{"a" * 20_000}"') for _ in range(99)),
    ):
        with pytest.raises(RequestEntityTooLarge):
            read(body + b"--b--", "multipart/form-data")


def test_a_page_without_a_file_takes_one_mebibyte(app):
    client = app.test_client()
    assert client.post("/connexion", data=b"x" * 65_000, content_type=FIELDS).status_code != 413
    with app.extensions["database"].transaction() as session:
        email = factories.person(session).email
    client.log_in(email, factories.PASSWORD)
    for kind in (FIELDS, "multipart/form-data; boundary=b"):
        assert client.post("/deconnexion", data=b"x=" + b"%C3%A9" * 180_000, content_type=kind).status_code == 413


def test_a_person_with_a_session_is_refused_a_hundred_thousand_fields_with_a_page(client, store):
    with store.transaction() as session:
        person = factories.person(session)
        email = person.email
    client.get("/connexion")
    client.log_in(email, factories.PASSWORD)
    answer = client.post("/deconnexion", data=fields(11_000), content_type=FIELDS)
    assert answer.status_code == 413
    assert "trop volumineux" in answer.text
