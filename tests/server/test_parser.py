"""Without a session, a body is at most 64 kB, whatever the address; with one, it keeps the bound of its address."""

import pytest
from sqlalchemy import event

from portfolio.web.request_limits import ANONYMOUS_BODY_BYTES, FORM_MAX_BYTES
from tests.server.clients import FORM, LOGIN, MEBIBYTE, ask, head
from tests.web.test_answers import carries_the_headers

ANNEX = "/attester/un-lien/document"
ADDRESSES = [LOGIN, FORM, ANNEX, "/attester/un-lien/texte", "/nulle-part", "/static/css/base.css", "/"]


@pytest.mark.parametrize("path", ADDRESSES)
def test_without_a_session_a_body_above_64_kb_is_refused_at_its_headers(start, path):
    status, text = ask(start(), head(ANONYMOUS_BODY_BYTES + 1, path))
    assert status == 413
    assert "dépasse la taille permise" in text
    assert "connectez-vous" in text, "the page tells someone whose session is lost what to do"
    named = dict(line.split(": ", 1) for line in text.partition("\r\n\r\n")[0].split("\r\n")[1:])
    carries_the_headers(named)


def test_without_a_session_a_body_of_64_kb_is_read(start):
    kind = "Content-Type: application/x-www-form-urlencoded\r\n"
    assert ask(start(), head(ANONYMOUS_BODY_BYTES, more=kind), b"a" * ANONYMOUS_BODY_BYTES)[0] == 400, "it has no token"


def test_without_a_session_a_body_of_unknown_length_is_refused_as_soon_as_it_has_64_kb(start):
    chunk = b"8000\r\n" + bytes(0x8000) + b"\r\n"
    assert ask(start(), head(None, FORM), chunk, chunk, chunk)[0] == 413


@pytest.mark.parametrize("name", ["csrf_token", "notice"])
def test_the_cookie_of_a_visitor_signs_no_session(start, signed, name):
    """Everybody who opens the login page gets one."""
    assert ask(start(), head(MEBIBYTE, FORM, signed(**{name: "x"})))[0] == 413


def test_a_forged_cookie_signs_no_session(start, signed, app):
    port, cookie = start(), signed(_user_id="x")
    assert ask(port, head(MEBIBYTE, FORM, cookie[:-3] + "abc"))[0] == 413
    app.secret_key = "another"
    assert ask(port, head(MEBIBYTE, FORM, cookie))[0] == 413


def test_the_session_is_decided_without_a_query(start, signed, store):
    port, queries = start(), []
    event.listen(store.engine, "before_cursor_execute", lambda *values: queries.append(values))
    for cookie in ("", signed(_user_id="x"), "acquis=forged"):
        assert ask(port, head(600 * MEBIBYTE, FORM, cookie))[0] == 413
    assert not queries


def test_with_a_session_each_address_keeps_its_bound(start, signed, app):
    port, cookie, settings = start(), signed(_user_id="whose session may have ended"), app.config["SETTINGS"]
    for path, bound in ((FORM, settings.upload_limit + FORM_MAX_BYTES), (LOGIN, FORM_MAX_BYTES)):
        status, text = ask(port, head(bound + 1, path, cookie))
        assert status == 413
        assert "la page vous dit la limite" in text
        assert ask(port, head(bound - 1, path, cookie, "Expect: 100-continue\r\n"))[0] == 100, path


def test_a_third_party_who_opened_their_link_keeps_the_bound_of_its_pages_and_no_other(start, signed, app):
    port, cookie = start(), signed(link_opened=True)
    bound = app.config["SETTINGS"].annex_limit + FORM_MAX_BYTES
    assert ask(port, head(bound + 1, ANNEX, cookie))[0] == 413
    assert ask(port, head(bound - 1, ANNEX, cookie, "Expect: 100-continue\r\n"))[0] == 100
    assert ask(port, head(MEBIBYTE, FORM, cookie))[0] == 413


def test_a_hundred_thousand_fields_without_a_session_are_refused_before_they_have_come(start):
    port = start()
    fields = b"&".join(b"f%d=%d" % (number, number) for number in range(100_000))
    assert ask(port, head(len(fields), FORM), fields[:1000])[0] == 413


def test_a_head_above_32_kb_is_refused(start):
    status, text = ask(start(), b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * 33_000 + b"\r\n\r\n")
    assert status == 431
    assert "trop longs" in text
