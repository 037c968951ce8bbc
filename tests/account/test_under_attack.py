"""On the real server: a stranger tries four passwords a second from elsewhere, and the owner enters all the same."""

import http.client
import re
import threading
import time
from urllib.parse import urlencode

import pytest

from tests import factories
from tests.web.test_answers import serving

EMAIL = "samia@exemple.fr"
OWNER, STRANGER = "127.0.0.1", "127.0.0.2"


@pytest.fixture
def served(app, store):
    with store.transaction() as session:
        factories.person(session, email=EMAIL)
    with serving(app, 100_000) as port:
        yield port


class Browser:
    """A browser at a network address; it keeps its cookies."""

    def __init__(self, port: int, address: str) -> None:
        self._port, self._address = port, address
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict[str, str] | None = None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30, source_address=(self._address, 0))
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if fields is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, urlencode(fields or {}), headers)
        answer = connection.getresponse()
        text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer, text

    def log_in(self, password: str):
        _, page = self.ask("GET", "/connexion")
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        answer, _ = self.ask("POST", "/connexion", {"email": EMAIL, "password": password, "csrf_token": token})
        return answer


def test_an_owner_enters_within_seconds_from_a_new_browser_and_from_a_known_one(served):
    seen, stop = [], threading.Event()

    def attack() -> None:
        stranger = Browser(served, STRANGER)
        while not stop.wait(0.25):
            seen.append(stranger.log_in("pas le bon mot de passe"))

    thread = threading.Thread(target=attack)
    thread.start()
    try:
        until = time.monotonic() + 60
        while len(seen) < 12 and time.monotonic() < until:
            time.sleep(0.1)
        owner = Browser(served, OWNER)
        began = time.monotonic()
        assert owner.log_in(factories.PASSWORD).status == 303
        assert time.monotonic() - began < 10
        known = Browser(served, STRANGER)  # the same address as the stranger, in the browser used before
        known.cookies["acquis-navigateur"] = owner.cookies["acquis-navigateur"]
        assert known.log_in(factories.PASSWORD).status == 303
        assert known.cookies["acquis-navigateur"] != owner.cookies["acquis-navigateur"], "replaced at each login"
    finally:
        stop.set()
        thread.join(30)
    assert [answer.status for answer in seen].count(422) == 5
    refused = [answer for answer in seen if answer.status == 429]
    assert len(refused) == len(seen) - 5
    assert all(0 < int(answer.headers["Retry-After"]) <= 600 for answer in refused)
