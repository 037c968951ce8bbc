"""Check what every answer carries, errors included."""

import http.client
import json
import re
import threading
from contextlib import contextmanager

import pytest
from werkzeug.test import Client

from portfolio.app import TOP
from portfolio.domain.account.models import Person
from portfolio.server.run import create_server
from tests.applications import close_app
from tests.page import Page

EVERYWHERE = {
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}


def carries_the_headers(headers):
    policy = headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    for rule in ("default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert rule in policy
    assert headers["Strict-Transport-Security"].startswith("max-age=")
    for name, value in EVERYWHERE.items():
        assert headers[name] == value


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/connexion", 200),
        ("GET", "/rien-ici", 404),
        ("GET", "/organisme", 303),
        ("PUT", "/connexion", 405),
        ("POST", "/connexion", 400),
        ("GET", "/healthz", 200),
        ("GET", "/", 303),
    ],
)
def test_every_answer_carries_the_headers(client, method, path, status):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    carries_the_headers(answer.headers)


def test_a_static_file_is_kept_for_a_year_at_the_address_of_its_content(client):
    named = re.findall(r'"(/static/[^"]+/css/tokens.css)"', client.get("/connexion").get_data(as_text=True))
    answer = client.get(named[0])
    answer.close()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Cookie" not in answer.headers.get("Vary", "")
    for other in ("/static/css/tokens.css", "/static/v-0123456789ab/css/tokens.css"):
        answer = client.get(other)
        answer.close()
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "public, max-age=3600")
    assert client.get("/static/css/absent.css").headers["Cache-Control"] == "no-store"


def test_a_page_names_beforehand_the_modules_it_mounts_and_what_they_import(app):
    body = '<body data-module="draft-storage"><form data-module="upload submit-once">'
    found = {address.rpartition("/")[2] for address in app.extensions["static_files"].modules_of(body)}
    assert found == {
        "draft-storage.js", "upload.js", "forms.js", "capture.js", "chosen.js", "same-file.js",
        "resumable-upload.js",
    }  # fmt: skip
    assert all((TOP / "static/js" / name).exists() for name in found)


@pytest.mark.parametrize(
    ("path", "site", "encoding"),
    [
        ("/connexion", "none", "br"),
        ("/connexion", "same-origin", "br"),
        ("/connexion", "cross-site", None),
        ("/connexion", None, None),
        ("/static/css/base.css", "cross-site", "br"),
    ],
)
def test_a_page_is_compressed_for_ourselves_alone(app, path, site, encoding):
    asked = {"Accept-Encoding": "gzip, br"} | ({"Sec-Fetch-Site": site} if site else {})
    with Client(app).get(path, headers=asked) as answer:
        assert answer.headers.get("Content-Encoding") == encoding


def test_a_part_of_a_static_file_is_not_compressed(app):
    asked = {"Accept-Encoding": "br", "Range": "bytes=0-99"}
    with app.test_client().get("/static/css/base.css", headers=asked) as answer:
        assert (answer.status_code, answer.data) == (206, (TOP / "static/css/base.css").read_bytes()[:100])


def test_the_font_of_titles_is_ours_light_and_kept_for_a_year(client):
    named = re.findall(r"/static/(v-\w+/fonts/[\w.-]+)", client.get("/connexion").get_data(as_text=True))
    assert named, "the font is asked for with the page"
    answer = client.get(f"/static/{named[0]}")
    assert (answer.status_code, answer.mimetype) == (200, "font/woff2")
    assert "immutable" in answer.headers["Cache-Control"]
    answer.close()
    assert sum(path.stat().st_size for path in (TOP / "static/fonts").glob("*.woff2")) <= 40_000
    assert "SIL OPEN FONT LICENSE" in (TOP / "static/fonts/OFL.txt").read_text()


def test_a_fault_answers_a_page_and_logs_no_personal_text(own_app, capsys):
    own_app.config["SETTINGS"] = own_app.config["SETTINGS"].with_changes(testing=False)
    own_app.testing = False

    @own_app.get("/faute")
    def faulty():
        typed = "samia.benali@exemple.fr"  # what a trace could show of a frame
        try:
            raise KeyError(f"{typed} failed")
        except KeyError as error:
            raise ExceptionGroup(f"of {typed}", [error, RuntimeError(typed)]) from error

    answer = own_app.test_client().get("/faute")
    assert answer.status_code == 500
    assert Page(answer.text).headings
    carries_the_headers(answer.headers)
    logged = capsys.readouterr().err
    assert "samia" not in logged
    fault = next(entry for line in logged.splitlines() if (entry := json.loads(line))["event"] == "fault")
    assert (fault["route"], fault["kind"], fault["level"]) == ("/faute", "ExceptionGroup", "error")
    (group,) = fault["exception"]
    assert group["frames"][-1]["name"] == "faulty"
    assert [one["exc_type"] for (one,) in group["exceptions"]] == ["KeyError", "RuntimeError"]


def test_a_fault_of_the_store_logs_no_value(own_app, store, capsys):
    own_app.config["SETTINGS"] = own_app.config["SETTINGS"].with_changes(testing=False)
    own_app.testing = False

    @own_app.get("/faute")
    def faulty():
        with store.transaction() as session:
            session.add(Person(name="Samia Benali", email="samia.benali@exemple.fr"))  # no date: refused

    assert own_app.test_client().get("/faute").status_code == 500
    logged = capsys.readouterr().err
    assert "samia" not in logged.lower()
    fault = next(entry for line in logged.splitlines() if (entry := json.loads(line))["event"] == "fault")
    assert [stack["exc_type"] for stack in fault["exception"]] == ["IntegrityError", "IntegrityError"]
    assert any(frame["name"] == "faulty" for frame in fault["exception"][0]["frames"])


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(client):
    cookie = client.get("/connexion").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert cookie.startswith("acquis=")


def test_under_https_the_cookie_is_bound_to_the_host(config):
    from portfolio import create_app

    app = create_app(config.with_changes(address="https://acquis.example"))
    assert app.config["SESSION_COOKIE_NAME"] == "__Host-acquis"
    assert app.config["SESSION_COOKIE_SECURE"]
    close_app(app)


@pytest.fixture
def served(app):
    """Give the real server, with a small limit."""
    with serving(app, 100_000) as port:
        yield port


@contextmanager
def serving(app, limit, **adjustments):
    """Give the real server, with this limit in bytes: its port."""
    server = create_server(app, host="127.0.0.1", port=0, max_request_body_size=limit, **adjustments)
    stop = threading.Event()
    thread = threading.Thread(target=_run_until, args=(server, stop), daemon=True)
    thread.start()
    yield server.effective_port
    stop.set()
    thread.join(5)
    server.close()


def _run_until(server, stop):
    while not stop.is_set():
        server.asyncore.loop(timeout=0.1, map=server._map, count=1)


def test_pages_are_whole_one_after_the_other_on_a_connection_kept_open(served):
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=10)
    for method, path, status in (
        ("GET", "/connexion", 200),
        ("HEAD", "/connexion", 200),
        ("GET", "/absente", 404),
        ("GET", "/", 303),
    ):
        connection.request(method, path)
        answer = connection.getresponse()
        body = answer.read()
        assert answer.status == status
        assert len(body) == (0 if method == "HEAD" else int(answer.headers["Content-Length"]))
        carries_the_headers(answer.headers)
    connection.request("GET", "/static/css/base.css")
    assert connection.getresponse().read() == (TOP / "static/css/base.css").read_bytes()
    connection.close()


def test_a_body_too_large_is_refused_before_it_is_read(served):
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=10)
    connection.putrequest("POST", "/connexion")
    connection.putheader("Content-Length", "100000000")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 413
    assert "dépasse la taille permise" in text
    carries_the_headers(answer.headers)


def test_someone_who_sends_everything_before_listening_reads_the_refusal_all_the_same(served):
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=30)
    connection.request("POST", "/connexion", bytes(40_000_000))
    answer = connection.getresponse()
    assert "dépasse la taille permise" in answer.read().decode()
    assert answer.status == 413
    connection.close()


def test_a_request_that_is_no_http_is_answered_in_french(served):
    connection = http.client.HTTPConnection("127.0.0.1", served, timeout=10)
    connection.putrequest("GET", "/")
    connection.putheader("Content-Length", "abc")
    connection.endheaders()
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    assert answer.status == 400
    assert "ne comprend pas" in text


@pytest.mark.parametrize(
    "sent", ["http://localhost//ailleurs.exemple/", "http://localhost/\\ailleurs", "https://ailleurs.exemple/x", "?"]
)
def test_a_page_of_error_leads_back_to_our_pages_only(client, sent):
    told = Page(client.get("/rien-ici", headers={"Referer": sent}).text)
    ours = {"#contenu", "/", "/verifier", "/aide", "/accessibilite", "/donnees-personnelles", "/mentions-legales"}
    assert {link["href"] for link in told.all("a")} == ours
