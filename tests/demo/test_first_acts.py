"""A visitor does the first thing that a screen of the demonstration offers: it is done, never « not possible »."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from lxml import html

from demo import apprentices, seed
from demo.builder import CERTIFIER
from demo.jurors import EMPLOYEE
from demo.passphrase import PASSPHRASE
from demo.people import marc, samia
from demo.scenarios import NORA
from portfolio import create_app
from tests.applications import close_app, config_for
from tests.page import CheckedClient
from tests.rights.visitors import browser

pytestmark = pytest.mark.slow

VISITORS = [one.who for one in seed.VISITORS if one.who != marc.WHO]
# They lead out of the visit.
WAYS_OUT = re.compile(r"/deconnexion$|/demonstration")
DONE = {200, 303}
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=convocation/)[^/]+")


@pytest.fixture(scope="module")
def place(on_sqlite: Flask, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Give a copy of the demonstration, to act in."""
    folder = tmp_path_factory.mktemp("acts")
    shutil.copytree(on_sqlite.config["SETTINGS"].data, folder, dirs_exist_ok=True)
    app = create_app(config_for(f"sqlite:///{folder / 'acquis.db'}", folder).with_changes(demo=True))
    app.test_client_class = CheckedClient
    yield app
    close_app(app)


@pytest.fixture
def as_it_was(place: Flask) -> Callable[[], None]:
    """Give what puts the database back as the demonstration made it."""
    file = Path(place.config["SETTINGS"].data) / "acquis.db"
    place.extensions["database"].engine.dispose()
    kept = file.read_bytes()

    def put_back() -> None:
        place.extensions["database"].engine.dispose()
        for beside in ("-wal", "-shm"):
            file.with_name(file.name + beside).unlink(missing_ok=True)
        file.write_bytes(kept)

    return put_back


def entered(app: Flask, email: str) -> CheckedClient:
    client: CheckedClient = app.test_client()
    assert client.log_in(email, PASSPHRASE).status_code == 303
    return client


def links_of(text: str, here: str) -> list[str]:
    """Return the paths that the links of a page lead to, inside the product."""
    targets = [urlsplit(urljoin(here, link)) for link in html.fromstring(text).xpath("//main//a/@href")]
    return [target.path for target in targets if not (target.scheme or target.netloc or WAYS_OUT.search(target.path))]


def buttons_of(text: str, here: str) -> list[tuple[str, dict[str, str]]]:
    """Return the forms of a page that ask for nothing but a press: where each is sent, and its hidden fields."""
    found = []
    for form in html.fromstring(text).xpath("//main//form[translate(@method, 'POST', 'post')='post']"):
        asked = form.xpath(".//input[not(@type='hidden')] | .//textarea | .//select")
        action = urljoin(here, form.get("action") or here)
        if not asked and not WAYS_OUT.search(action):
            hidden = {field.get("name"): field.get("value", "") for field in form.xpath(".//input[@type='hidden']")}
            pressed = form.xpath(".//button[@name]")
            hidden |= {pressed[0].get("name"): pressed[0].get("value", "")} if pressed else {}
            found.append((action, hidden))
    return found


@pytest.mark.parametrize("who", VISITORS, ids=lambda who: who.email.split("@")[0])
def test_each_button_of_the_first_pages_does_what_it_says(place, as_it_was, who):
    first = entered(place, who.email).get("/", follow_redirects=True)
    pages = dict.fromkeys([first.request.path, *links_of(first.text, first.request.path)])
    pressed, refused = set[str](), list[tuple[str, str, int]]()
    for path in pages:
        opened = entered(place, who.email).get(path)
        assert opened.status_code in DONE, path
        for action, hidden in buttons_of(opened.text, path) if opened.mimetype == "text/html" else ():
            own = [value for name, value in hidden.items() if name not in {"csrf_token", "nonce"}]
            kind = " ".join((IDS.sub("*", action), *own))
            if kind not in pressed:
                pressed.add(kind)
                client = entered(place, who.email)
                token = client.page(path).hidden("csrf_token")
                sent = client.post(action, data=hidden | {"csrf_token": token}, follow_redirects=True)
                refused += [(path, action, sent.status_code)] if sent.status_code != 200 else []
                as_it_was()
    assert not refused, refused


def test_the_certifier_admits_nora_to_the_end(place, as_it_was):
    client = entered(place, CERTIFIER.email)
    listed = client.get("/organisme/recevabilite")
    [request] = {path for path in links_of(listed.text, "/") if re.search(r"/recevabilite/[0-9a-f-]{36}$", path)}
    sent = client.send(f"{request}/decision", {"outcome": "admissible", "reason": ""}, form=request)
    assert sent.status_code == 303, sent.text
    assert "Recevable" in client.page(request).text
    hers = entered(place, NORA.email).get("/", follow_redirects=True)
    assert re.fullmatch(r"/dossiers/[0-9a-f-]{36}", hers.request.path)
    as_it_was()


def test_aya_declares_before_each_of_the_class_and_reads_their_record(place, as_it_was):
    client = entered(place, EMPLOYEE.email)
    listed = client.get("/jurys")
    hearings = {path for path in links_of(listed.text, "/jurys") if re.fullmatch(r"/jurys/[0-9a-f-]{36}", path)}
    declared = 0
    for path in sorted(hearings):
        opened = client.page(f"{path}/declaration")
        if opened.all("input", type="radio"):
            assert client.send(f"{path}/declaration", {"kind": "no_relation"}).status_code == 303
            assert client.get(path).status_code == 200
            declared += 1
    assert declared == len(apprentices.EIGHT.people)
    as_it_was()


def test_samia_signs_the_presence_that_waits(place, as_it_was):
    client = entered(place, samia.LIFE.who.email)
    home = client.get("/", follow_redirects=True)
    [page] = {path for path in links_of(home.text, "/") if path.endswith("/rendez-vous")}
    [(action, hidden)] = buttons_of(client.get(page).text, page)
    assert client.post(action, data=hidden).status_code == 303
    assert not buttons_of(client.get(page).text, page)
    as_it_was()


def test_the_certifier_closes_the_complaint_once_the_measure_is_done(place, as_it_was):
    client = entered(place, CERTIFIER.email)
    listed = client.get("/organisme/reclamations")
    [complaint] = {path for path in links_of(listed.text, "/") if re.search(r"/reclamations/[0-9a-f-]{36}$", path)}
    [(action, hidden)] = buttons_of(client.get(complaint).text, complaint)
    assert client.post(action, data=hidden).status_code == 303
    assert not buttons_of(client.get(complaint).text, complaint)
    as_it_was()


def test_the_english_page_enters_each_person(place):
    page = browser(place, None, None).get("/in-english").text
    labels = [" ".join(button.text_content().split()) for button in html.fromstring(page).xpath("//main//button")]
    assert labels == [
        f"{'Open the invitation of' if one.who == marc.WHO else 'Enter as'} {one.first_name}" for one in seed.VISITORS
    ]
    assert all(one.english in page for one in seed.VISITORS)
