"""A candidate captures on a telephone without network: everything is kept, and sent once, under one account."""

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Error, Page, expect
from sqlalchemy import Select, func, select

from portfolio.db.engine import Database
from portfolio.domain.candidacy.models import Candidacy
from portfolio.domain.dossier.models.dossier import Dossier
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile, Upload
from portfolio.domain.dossier.rules.draft import DossierState
from tests import factories
from tests.browser import find
from tests.conftest import QUIET
from tests.journeys.conftest import Manner, Server, Window

pytestmark = pytest.mark.journey
# A microphone that beeps, and a person who lets the page hear it.
MICROPHONE = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
LIST = '[data-part="list"] li'

# What the telephone does when another application shares a file.
SHARE = """() => {
    const form = Object.assign(document.createElement("form"), {
        method: "post", enctype: "multipart/form-data", action: "/capturer/partage",
    });
    const input = Object.assign(document.createElement("input"), { type: "file", name: "files" });
    const list = new DataTransfer();
    list.items.add(new File(["reçu du 3 mars"], "recu.txt", { type: "text/plain" }));
    input.files = list.files;
    form.append(input);
    document.body.append(form);
    form.submit();
}"""

# What the browser of a telephone without room does; its quota follows the disk, which a test does not fill.
NO_ROOM = """() => {
    IDBObjectStore.prototype.put = () => { throw new DOMException("full", "QuotaExceededError"); };
}"""


class Network:
    """A line to the server that may be down, say nothing, or lose what the server answers to a form."""

    def __init__(self, server: Server) -> None:
        self.target = urlsplit(server.address).port
        self.is_up, self.is_silent, self.loses_answers = True, False, False
        self._open: set[socket.socket] = set()
        self._lost: set[socket.socket] = set()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, *, silently: bool = False) -> None:
        self.is_up, self.is_silent = False, silently
        for one in list(self._open):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.cut()
        self.is_up = True

    def close(self) -> None:
        self.cut()
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                came, _ = self._listening.accept()
                if self.is_silent:
                    self._open.add(came)
                elif self.is_up:
                    threading.Thread(target=self._join, args=(came,), daemon=True).start()
                else:
                    came.close()

    def _join(self, came: socket.socket) -> None:
        with came, socket.create_connection(("127.0.0.1", self.target)) as there:
            self._open |= {came, there}
            answers = threading.Thread(target=self._carry, args=(there, came), daemon=True)
            answers.start()
            self._carry(came, there)
            answers.join()
            self._open -= {came, there}

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while (content := source.recv(65536)) and source not in self._lost:
                if self.loses_answers and content.startswith(b"POST") and b"/preuves/ajouter " in content[:200]:
                    self._lost.add(target)
                target.sendall(content)
        for one in (source, target):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def world(database: Database) -> factories.World:
    return factories.begin_world(database, filled=False)


@pytest.fixture
def network(server: Server) -> Iterator[Network]:
    made = Network(server)
    yield made
    made.close()


class Telephone:
    """A browser whose memory outlives it."""

    def __init__(self, browser: Browser, folder: Path, address: str) -> None:
        self._browser, self._folder, self._address = browser, folder, address
        self.context: BrowserContext
        self.start()

    def start(self) -> None:
        self.context = self._browser.browser_type.launch_persistent_context(
            self._folder,
            executable_path=find(),
            args=[*QUIET, *MICROPHONE],
            locale="fr-FR",
            viewport={"width": 390, "height": 844},
        )
        self.window = Window(self.context.pages[0], self._address, Manner(width=390, schemes=("light", "dark")))
        self.page.set_default_timeout(15_000)

    @property
    def page(self) -> Page:
        return self.window.page

    def restart(self) -> None:
        """Kill the browser, as a telephone that is switched off does, and open it again."""
        own = f"--user-data-dir={self._folder}".encode()
        for process in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                words = (process / "cmdline").read_bytes().split(b"\0")
                if own in words and not any(word.startswith(b"--type=") for word in words):
                    os.kill(int(process.name), signal.SIGKILL)
        with suppress(Error):
            self.context.close()
        self.start()

    def open(self) -> None:
        self.page.goto(f"{self._address}/capturer")
        expect(self.page.locator('[data-part="state"]')).not_to_be_empty()


@pytest.fixture
def telephone(browser: Browser, network: Network, tmp_path: Path) -> Iterator[Telephone]:
    made = Telephone(browser, tmp_path / "telephone", network.address)
    yield made
    made.context.close()


def photo(folder: Path, number: int) -> Path:
    path = folder / f"{number}.jpg"
    Image.new("RGB", (64, 48), (number * 20, 80, 120)).save(path)
    return path


def of_version(world: factories.World) -> Select[tuple[UUID]]:
    """Select the candidacies of the world of a test."""
    return select(Candidacy.id).where(Candidacy.version_id == world.version.id)


def pieces(database: Database, world: factories.World) -> int:
    with database.reader() as session:
        theirs = select(func.count()).select_from(Evidence).where(Evidence.candidacy_id.in_(of_version(world)))
        return session.scalar(theirs) or 0


def wait_for(page: Page, database: Database, world: factories.World, count: int) -> None:
    for _ in range(1200):
        if pieces(database, world) == count:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"{pieces(database, world)} pieces, not {count}")


def test_what_is_captured_without_network_leaves_once_and_for_its_author_alone(
    telephone, network, database, world, tmp_path
):
    page = telephone.page
    telephone.window.log_in(world.candidate.email)
    expect(page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
    telephone.open()
    expect(page.locator('[data-part="state"]')).to_contain_text("Connecté")

    network.cut()
    page.goto(f"{network.address}/dossiers/{world.candidacy.id}/preuves")
    expect(page.get_by_text("La page que vous demandez attend le réseau")).to_be_visible()
    for number in range(3):
        page.locator("#photo").set_input_files(photo(tmp_path, number))
        expect(page.locator(LIST)).to_have_count(number + 1)
    page.locator("#pages").set_input_files(photo(tmp_path, 3))
    expect(page.locator(LIST)).to_have_count(4)
    document = page.locator(LIST).filter(has_text="à terminer")
    document.locator("[data-line=page]").set_input_files(photo(tmp_path, 4))
    expect(document).to_contain_text("2 pages, à terminer")
    page.get_by_label("Une note, ou l’adresse d’une page").fill("La caisse du 3 mars.\nhttps://exemple.fr/page")
    page.get_by_role("button", name="Garder la note").click()
    expect(page.locator(LIST)).to_have_count(5)
    telephone.window.check()
    assert pieces(database, world) == 0

    telephone.restart()
    page = telephone.page
    telephone.open()
    expect(page.locator(LIST)).to_have_count(5)
    network.is_up = True
    page.reload()
    page.get_by_role("link", name="Se connecter").click()
    telephone.window.log_in(world.candidate.email, here=True)
    wait_for(page, database, world, 4)
    expect(page.locator("[data-module=captures-banner]")).to_contain_text("Une capture est encore sur cet appareil")

    telephone.open()
    network.loses_answers = True
    page.get_by_role("button", name="Terminer").click()
    wait_for(page, database, world, 5)
    expect(page.locator(LIST)).to_have_count(1)
    network.loses_answers = False
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    assert pieces(database, world) == 5, "the answer was lost, the piece was not made again"

    page.locator("#photo").set_input_files(photo(tmp_path, 0))
    expect(page.locator(LIST)).to_contain_text("déjà")
    telephone.window.check()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Effacer Photo").click()
    expect(page.locator(LIST)).to_have_count(0)

    page.evaluate(SHARE)
    wait_for(page, database, world, 6)
    expect(page.locator('[data-part="sent"]')).to_contain_text("recu")

    page.locator("#pages").set_input_files(photo(tmp_path, 5))
    expect(page.locator(LIST)).to_have_count(1)
    telephone.window.open("/")
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.locator("[data-module=captures-banner]")).to_contain_text("pour votre prochaine connexion")
    telephone.window.check()
    page.get_by_role("button", name="Se déconnecter").click()
    expect(page.get_by_label("Adresse électronique")).to_be_visible()
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    expect(page.locator("#photo")).to_be_hidden()

    telephone.window.log_in(world.advisor.email)
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    expect(page.locator('[data-part="waiting"]')).to_be_hidden()
    assert pieces(database, world) == 6
    assert not telephone.window.faults, telephone.window.faults


def test_five_photographs_and_a_voice_outlive_a_browser_that_is_killed(telephone, network, database, world, tmp_path):
    page = telephone.page
    telephone.window.log_in(world.candidate.email)
    page.wait_for_function("async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
    telephone.open()
    expect(page.locator('[data-part="state"]')).to_contain_text("Connecté")
    network.cut()
    telephone.restart()

    page = telephone.page
    began = time.monotonic()
    telephone.open()
    page.locator("#photo").set_input_files(photo(tmp_path, 0))
    expect(page.locator(LIST)).to_have_count(1)
    expect(page.locator('[data-part="live"]')).to_contain_text("Gardé")
    print(f"gardé en {time.monotonic() - began:.1f} s")  # measured, not asserted: the machine may be busy
    for number in range(1, 5):
        page.locator("#photo").set_input_files(photo(tmp_path, number))
        expect(page.locator(LIST)).to_have_count(number + 1)
    page.get_by_role("button", name="Enregistrer ma voix").click()
    expect(page.locator("[data-voice-state]")).to_contain_text("0:01")
    page.get_by_role("button", name="Arrêter et garder").click()
    expect(page.locator(LIST)).to_have_count(6)
    telephone.restart()

    page = telephone.page
    telephone.open()
    expect(page.locator(LIST)).to_have_count(6)
    network.is_up = True
    page.reload()
    page.get_by_role("link", name="Se connecter").click()
    telephone.window.log_in(world.candidate.email, here=True)
    wait_for(page, database, world, 6)
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    assert pieces(database, world) == 6
    with database.reader() as session:
        [voice] = session.scalars(
            select(EvidenceFile)
            .join(EvidenceFile.evidence)
            .where(Evidence.candidacy_id == world.candidacy.id, EvidenceFile.mime.startswith("audio/"))
        )
    assert voice.size > 1000


def state(database: Database, candidacy_id: object, now: DossierState) -> None:
    with database.transaction() as session:
        session.get_one(Dossier, candidacy_id).state = now


def begin(telephone: Telephone, email: str) -> Page:
    telephone.window.log_in(email)
    telephone.page.wait_for_function("async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
    telephone.open()
    expect(telephone.page.locator('[data-part="state"]')).to_contain_text("Connecté")
    return telephone.page


@pytest.mark.slow
def test_a_capture_that_is_refused_stays_until_it_leaves_or_is_kept_elsewhere(
    telephone, network, database, world, tmp_path
):
    page = begin(telephone, world.candidate.email)
    network.cut()
    page.locator("#photo").set_input_files(photo(tmp_path, 1))
    expect(page.locator(LIST)).to_have_count(1)
    state(database, world.candidacy.id, DossierState.SUBMITTED)
    network.is_up = True
    telephone.open()
    expect(page.locator(LIST)).to_contain_text("ce dossier ne reçoit plus de preuves")
    telephone.window.check()
    with page.expect_download() as kept:
        page.get_by_role("button", name="Enregistrer ailleurs Photo").click()
    assert Path(kept.value.path()).read_bytes() == photo(tmp_path, 1).read_bytes()

    state(database, world.candidacy.id, DossierState.DRAFT)
    telephone.open()
    page.get_by_role("button", name="Réessayer Photo").click()
    wait_for(page, database, world, 1)
    expect(page.locator(LIST)).to_have_count(0)


@pytest.mark.slow
def test_a_page_added_to_a_document_that_another_window_sent_is_not_lost(telephone, database, world, tmp_path):
    page = begin(telephone, world.candidate.email)
    page.locator("#pages").set_input_files(photo(tmp_path, 1))
    expect(page.locator(LIST)).to_have_count(1)
    other = telephone.context.new_page()
    other.goto(page.url)
    other.get_by_role("button", name="Terminer").click()
    wait_for(page, database, world, 1)
    page.locator("[data-line=page]").set_input_files(photo(tmp_path, 2))
    expect(page.locator(LIST)).to_contain_text("1 page, à terminer")
    page.get_by_role("button", name="Terminer").click()
    wait_for(page, database, world, 2)
    expect(page.locator(LIST)).to_have_count(0)


@pytest.mark.slow
def test_a_page_that_stays_open_sends_once_the_server_is_back(telephone, network, database, world, tmp_path):
    telephone.window.log_in(world.candidate.email)
    telephone.page.wait_for_function("async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
    page = telephone.page
    page.clock.install()
    network.cut(silently=True)
    page.goto(f"{network.address}/capturer")  # no answer comes: the page that is kept does
    network.cut()
    for number in (1, 2):
        page.locator("#photo").set_input_files(photo(tmp_path, number))
        expect(page.locator(LIST)).to_have_count(number)
    names = page.locator(f"{LIST} [data-line=name]").all_text_contents()
    assert len(set(names)) == 2, "two photographs of the same minute are told apart"
    expect(page.locator('[data-part="state"]')).to_contain_text("Pas de réseau")
    network.mend()
    page.clock.fast_forward(31_000)  # no event says that the server is back
    wait_for(page, database, world, 2)


@pytest.mark.slow
def test_a_photograph_taken_while_another_leaves_follows_it_at_once(telephone, network, database, world, tmp_path):
    page = begin(telephone, world.candidate.email)
    held = []
    page.route("**/preuves/ajouter", lambda route: route.continue_() if held else held.append(route))
    with page.expect_request("**/preuves/ajouter"):
        page.locator("#photo").set_input_files(photo(tmp_path, 1))
    page.locator("#photo").set_input_files(photo(tmp_path, 2))
    expect(page.locator(LIST)).to_have_count(2)
    held[0].continue_()
    expect(page.locator(LIST)).to_have_count(0, timeout=20_000)  # before what waits is tried again
    assert pieces(database, world) == 2


@pytest.mark.slow
def test_a_large_file_sent_again_after_a_lost_answer_leaves_nothing_behind(
    telephone, network, database, world, tmp_path
):
    page = begin(telephone, world.candidate.email)
    large = tmp_path / "grande.jpg"
    large.write_bytes(photo(tmp_path, 1).read_bytes() + bytes(5 * 1024**2))
    network.loses_answers = True
    page.locator("#photo").set_input_files(large)
    wait_for(page, database, world, 1)
    expect(page.locator(LIST)).to_contain_text("attend le réseau")
    network.loses_answers = False
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    assert pieces(database, world) == 1
    with database.reader() as session:
        assert session.scalars(select(Upload).where(Upload.candidacy_id == world.candidacy.id)).all() == []


@pytest.mark.slow
def test_two_windows_send_each_capture_once(telephone, network, database, world, tmp_path):
    page = begin(telephone, world.candidate.email)
    other = telephone.context.new_page()
    other.goto(page.url)
    expect(other.locator('[data-part="state"]')).to_contain_text("Connecté")
    network.cut()
    for number in range(4):
        where = (page, other)[number % 2]
        where.locator("#photo").set_input_files(photo(tmp_path, number))
        expect(where.locator('[data-part="live"]')).to_contain_text("Gardé")
    network.is_up = True
    for where in (page, other):
        where.evaluate("dispatchEvent(new Event('online'))")
    wait_for(page, database, world, 4)
    telephone.open()
    expect(page.locator(LIST)).to_have_count(0)
    assert pieces(database, world) == 4


@pytest.mark.slow
def test_a_telephone_without_room_says_so_and_loses_nothing_that_it_has(telephone, database, world, tmp_path):
    page = begin(telephone, world.candidate.email)
    page.locator("#pages").set_input_files(photo(tmp_path, 1))
    expect(page.locator(LIST)).to_have_count(1)
    [worker] = telephone.context.service_workers
    for place in (page, worker):
        place.evaluate(NO_ROOM)
    page.locator("[data-line=page]").set_input_files(photo(tmp_path, 2))
    expect(page.locator('[data-part="error"]')).to_contain_text("La place manque")
    expect(page.locator(LIST)).to_contain_text("1 page, à terminer")
    page.evaluate(SHARE)
    page.wait_for_url("**/capturer?partage=plein")
    expect(page.locator('[data-part="error"]')).to_contain_text("La place manque")


@pytest.mark.slow
def test_what_is_captured_after_the_session_ended_leaves_under_no_other_account(telephone, database, world, tmp_path):
    with database.transaction() as session:
        another = factories.person(session, "Inès Duval")
        factories.candidacy(session, world.version, another, None)
        email = another.email
    page = begin(telephone, world.candidate.email)
    telephone.context.clear_cookies()
    page.locator("#photo").set_input_files(photo(tmp_path, 1))
    expect(page.locator('[data-part="state"]')).to_contain_text("Reconnectez-vous")
    expect(page.locator(LIST)).to_have_count(1)
    other = Window(telephone.context.new_page(), telephone.window.address, Manner(width=390))
    other.log_in(email)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator(LIST)).to_have_count(0)
    page.locator("#photo").set_input_files(photo(tmp_path, 2))
    wait_for(page, database, world, 1)
    telephone.context.clear_cookies()
    telephone.window.log_in(world.candidate.email)
    wait_for(page, database, world, 2)
    with database.reader() as session:
        owners = set(session.scalars(select(Evidence.candidacy_id).where(Evidence.candidacy_id.in_(of_version(world)))))
    assert len(owners) == 2
