"""A real server on each store, a real Chromium, and people in their own windows."""

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page

from portfolio.db.engine import Database
from portfolio.domain.certification.rules.entry_schema import entry_from_json
from portfolio.on_commit import open_database
from tests import factories
from tests.axe import COLOURS, violations
from tests.certification.readers.writing import entry_text
from tests.journeys.keyboard import Files, Hands, Keyboard, Mouse, unreached
from tests.snapshots import Stories
from tests.wait_until import settle

TOP = Path(__file__).parents[2]


RESULTS = TOP / "test-results"
FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Remember that a journey failed, so that its windows are drawn before they close."""
    report = yield
    if call.when == "call":
        item.stash[FAILED] = call.excinfo is not None
    return report


@dataclass
class Server:
    """The product, as `make run` starts it, without its demonstration."""

    address: str
    env: dict[str, str]
    log: Path

    def flask(self, *words: str) -> str:
        """Run a command of the product and return what it says."""
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        done = subprocess.run(command, cwd=TOP, env=self.env, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port() -> int:
    with contextlib.closing(socket.socket()) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextlib.contextmanager
def serving(database_url: str, folder: Path, **more: str) -> Iterator[Server]:
    """Give the product on this database, its files and its log in this folder, until it is asked to stop; `more`
    settings say otherwise.
    """
    port, data = free_port(), folder / "data"
    address = f"http://127.0.0.1:{port}"
    env = os.environ | {
        "DATA": str(data),
        "PORT": str(port),
        "DATABASE_URL": database_url,
        "ADDRESS": address,
        "DEMO": "",
        **more,
    }
    log = folder / "server.log"
    with log.open("w") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio.run.bootstrap"], cwd=TOP, env=env, stdout=output, stderr=output
        )
        try:
            _wait_for(address, process, log)
            yield Server(address, env, log)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0, "SIGTERM stops everything, quietly"


@pytest.fixture(autouse=True)
def _no_snapshot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A live server has the store of a journey open: nothing is restored under it."""
    monkeypatch.setattr(Stories, "begin_with", lambda _self, db, _name, tell: tell(db))


@contextlib.contextmanager
def serving_sqlite(template: Path, folder: Path) -> Iterator[Server]:
    """Give the product on a copy of this database."""
    with serving(f"sqlite:///{shutil.copy(template, folder / 'acquis.db')}", folder) as found:
        yield found


@pytest.fixture(scope="session")
def shared_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving_sqlite(sqlite_template, tmp_path_factory.mktemp("shared")) as found:
        yield found


@pytest.fixture(scope="module")
def own_server(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A product where nobody else was, for a module whose people have names that others have too, or that
    looks at all there is: `server = own_server`.
    """
    with serving_sqlite(sqlite_template, tmp_path_factory.mktemp("own")) as found:
        yield found


@pytest.fixture
def server(shared_server: Server) -> Server:
    """The product on SQLite that journeys share: each of them has people and dossiers of its own."""
    return shared_server


@pytest.fixture
def database_url(server: Server) -> str:
    """Return the address of the store of the server."""
    return server.env["DATABASE_URL"]


@pytest.fixture
def database(server: Server) -> Iterator[Database]:
    """The store of the server, as a test looks into it."""
    opened = open_database(server.env["DATABASE_URL"])
    yield opened
    opened.engine.dispose()


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(450):
        assert process.poll() is None, log.read_text()
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{address}/healthz", timeout=2):
            return
        time.sleep(0.2)
    raise AssertionError(log.read_text())


@dataclass(frozen=True)
class Manner:
    """How people use the product in a journey: their hands, their screen, the colours they prefer."""

    hands: Hands = field(default_factory=Mouse)
    width: int | None = None
    schemes: tuple[Literal["light", "dark"], ...] = ("light",)
    every_stop: bool = False


# A keyboard alone, on a telephone, in both lights, and Tab comes to all there is.
ON_A_PHONE = Manner(Keyboard(), width=390, schemes=("light", "dark"), every_stop=True)


@pytest.fixture
def manner() -> Manner:
    """A mouse, the screen that each person has, in the light."""
    return Manner()


@dataclass
class Window:
    """The window of one person: pages are checked by axe as they are left for another."""

    page: Page
    address: str
    manner: Manner = field(default_factory=Manner)
    faults: list[str] = field(default_factory=list)
    walked: set[str] = field(default_factory=set)

    def open(self, path: str) -> Page:
        """Go to a page of the product, and wait until it is all there."""
        self.page.goto(self.address + path)
        settle(self.page)
        return self.page

    def log_in(self, email: str, *, here: bool = False) -> None:
        """Log in, on the login page that is shown when it came by itself."""
        page = self.page if here else self.open("/connexion")
        self.write(page.get_by_label("Adresse électronique"), email)
        self.write(page.get_by_label("Mot de passe", exact=True), factories.PASSWORD)
        self.press(page.get_by_role("button", name="Se connecter"))

    def check(self) -> None:
        """Ask axe about the page shown; keep what it finds.

        A thorough walk asks once for each page of a kind.
        """
        kind = re.sub(r"[0-9a-f-]{36}|[0-9A-Z]{4}(-[0-9A-Z]{4})+|\d+", "*", self.page.url)
        self.page.wait_for_load_state()
        self._fits()
        if self.manner.every_stop and kind in self.walked:
            return
        self.walked.add(kind)
        for scheme in self.manner.schemes:
            self.page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colour on its way to another
            # Another light changes colours alone (static/css/tokens.css): the rest was just asked.
            self._ask_axe(scheme, **({} if scheme == self.manner.schemes[0] else {"runOnly": COLOURS}))
        if self.manner.every_stop:
            self.faults += [f"{self.page.url} : Tab never reaches {html}" for html in unreached(self.page)]

    def _ask_axe(self, scheme: str, **asked: object) -> None:
        for violation in violations(self.page, **asked):
            nodes = "; ".join(node["html"][:120] for node in violation["nodes"][:3])
            self.faults.append(f"{self.page.url} : {scheme} : {violation['id']} : {nodes}")

    def _fits(self) -> None:
        """A page never scrolls sideways: only a table of its own may."""
        if self.page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            self.faults.append(f"{self.page.url} : wider than the screen")

    def press(self, target: Locator) -> None:
        """Follow a link, push a button."""
        self.manner.hands.press(target)

    def write(self, target: Locator, text: str) -> None:
        """Fill a field, a date as 2021-11-12; nothing empties it."""
        self.manner.hands.write(target, text)

    def tick(self, target: Locator) -> None:
        """Tick a box, choose one of several."""
        self.manner.hands.tick(target)

    def choose(self, target: Locator, label: str) -> None:
        """Choose in a list."""
        self.manner.hands.choose(target, label)

    def attach(self, target: Locator, files: Files) -> None:
        """Give files to a field."""
        self.manner.hands.attach(target, files)


def is_complaint(message: ConsoleMessage) -> bool:
    """Tell whether the browser complains; the image of a page that nothing draws yet answers 503 on purpose, and is
    asked again.
    """
    is_pending_page = "503" in message.text and "/pages/" in message.location.get("url", "")
    return message.type == "error" and not is_pending_page


@pytest.fixture
def window(
    browser: Browser, server: Server, manner: Manner, request: pytest.FixtureRequest
) -> Iterator[Callable[[], Window]]:
    """Open a window for one more person; at the end, nothing was refused by the page's policy and axe found nothing."""
    opened: list[tuple[BrowserContext, Window]] = []
    complaints: list[str] = []

    def new(width: int = 1280) -> Window:
        context = browser.new_context(
            locale="fr-FR", viewport={"width": manner.width or width, "height": 900}, service_workers="block"
        )  # what a service worker asks for is hidden from a route; test_capture.py has one
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: complaints.append(message.text) if is_complaint(message) else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "filechooser", lambda _: None
        )  # asked for all along: a listener that comes and goes misses the next one
        made = Window(page, server.address, manner)
        opened.append((context, made))
        return made

    yield new
    failed = request.node.stash.get(FAILED, False)
    for number, (context, made) in enumerate(opened):
        if failed:
            RESULTS.mkdir(exist_ok=True)
            made.page.screenshot(path=RESULTS / f"{request.node.name}-{number}.png", full_page=True)
        context.close()
    if failed:
        return
    serious = [text for text in complaints if "status of 4" not in text and "ERR_INTERNET_DISCONNECTED" not in text]
    assert not serious, serious
    faults = [fault for _, made in opened for fault in made.faults]
    assert not faults, "\n".join(faults)


@pytest.fixture
def entry_file(tmp_path: Path) -> Path:
    """Return the real register entry when it is given, else one of the same form."""
    if os.environ.get("ACQUIS_FICHES"):
        return Path(os.environ["ACQUIS_FICHES"]) / "rncp-16959.txt"
    path = tmp_path / "fiche.txt"
    path.write_text(entry_text(entry_from_json(factories.entry())))
    return path


def link_in(text: str) -> str:
    """Return the path of the invitation in a letter."""
    found = re.search(r"/invitation/[\w-]+", text)
    assert found, text
    return found.group()
