"""Check how long a body may be, by its address: a stranger never has the server keep a file as large as a candidate
may send.
"""

import http.client
from uuid import uuid4

import pytest

from portfolio.web.request_limits import FORM_MAX_BYTES, max_body_size
from tests import factories
from tests.web.test_answers import carries_the_headers, serving

MEBIBYTE = 1024 * 1024
ANNEX = "/attester/un-lien/document"


@pytest.fixture
def port(app):
    """Give the real server, with the limit that the settings give it."""
    with serving(app, app.config["MAX_CONTENT_LENGTH"]) as port:
        yield port


def announced(port: int, path: str, length: int) -> tuple[int, str]:
    """Say how long the body is, and send nothing of it."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.putrequest("POST", path)
    connection.putheader("Content-Length", str(length))
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    carries_the_headers(answer.headers)
    connection.close()
    return answer.status, text


def in_chunks(port: int, path: str, most: int, cookie: str) -> tuple[int, int]:
    """Send a body whose length nobody said, until it is refused; answer the status, and how much was sent."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    sent = 0

    def pieces():
        nonlocal sent
        while sent < most:
            sent += MEBIBYTE
            yield bytes(MEBIBYTE)

    connection.request(
        "POST", path, pieces(), {"Content-Type": "application/octet-stream", "Cookie": cookie}, encode_chunked=True
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status, sent


def test_each_address_has_its_bound(app):
    settings = app.config["SETTINGS"]
    piece = f"/dossiers/{uuid4()}/preuves/ajouter"
    assert max_body_size(app, "POST", piece) == settings.upload_limit + FORM_MAX_BYTES
    assert max_body_size(app, "POST", ANNEX) == settings.annex_limit + FORM_MAX_BYTES
    for path in ("/connexion", "/nulle-part", "/attester/un-lien/texte", "/static/css/base.css", "/dossiers"):
        assert max_body_size(app, "POST", path) == FORM_MAX_BYTES, path


def test_what_a_third_party_joins_is_refused_before_it_comes_when_it_is_far_too_heavy(app, port):
    most = max_body_size(app, "POST", ANNEX)
    status, text = announced(port, ANNEX, most + 1)
    assert status == 413
    assert "dépasse la taille permise" in text
    assert announced(port, "/connexion", FORM_MAX_BYTES + 1)[0] == 413
    cookie = opened_link(app)
    assert in_chunks(port, ANNEX, most + 2 * MEBIBYTE, cookie) == (413, most + 2 * MEBIBYTE)
    assert in_chunks(port, ANNEX, most - MEBIBYTE, cookie)[0] == 400, "read to its end: a form without its token"


def opened_link(app) -> str:
    """Return the cookie of someone who opened their link."""
    return "acquis=" + app.session_interface.get_signing_serializer(app).dumps({"link_opened": True})


def test_behind_any_other_server_the_application_bounds_what_it_reads(client, app):
    """Flask reads no more than the bound, no matter who passes the request on."""
    client.get("/connexion")
    answer = client.post("/connexion", data={"email": "a" * (FORM_MAX_BYTES + 1)})
    assert answer.status_code == 413


def test_a_text_too_long_for_a_page_that_did_not_read_it_is_no_fault_of_ours(client, store):
    with store.transaction() as session:
        world = factories.world(session)
    client.log_in(world.candidate.email, factories.PASSWORD)
    answer = client.post("/courriels/arret/inconnu", data={"text": "mot " * (FORM_MAX_BYTES // 5)})
    assert answer.status_code == 404, "the page of the error is the first to read the form"


def test_a_body_too_large_for_an_address_that_is_none_of_ours_is_not_found(client):
    assert client.post("/nulle-part", data={"text": "mot " * 20_000}).status_code == 404
