"""A candidate on a train sends a film: the network goes in the middle, the page is reloaded, and nothing is lost."""

import hashlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import func, select

from portfolio.db.engine import Database
from portfolio.domain.dossier.models.evidence import EvidenceFile, Upload
from portfolio.files.uploads.partial import PartialUpload
from portfolio.files.uploads.partial_uploads import PartialUploads
from portfolio.french_text import size
from tests import factories, samples
from tests.journeys.conftest import ON_A_PHONE, Manner, Server, Window, own_server

pytestmark = [pytest.mark.journey, pytest.mark.slow]
server = own_server
MEBIBYTE = 1024 * 1024
SIZE = 80 * MEBIBYTE


@pytest.fixture
def world(database: Database) -> factories.World:
    return factories.begin_world(database, filled=False)


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """A recording of 80 MiB, no two parts of which are alike."""
    path = tmp_path / "visite du chantier.wav"
    sound = samples.wav(SIZE / 16_000)
    path.write_bytes(sound[:44] + os.urandom(len(sound) - 44))
    return path


@pytest.fixture
def manner() -> Manner:
    """By a keyboard alone, on a telephone."""
    return ON_A_PHONE


@pytest.fixture
def candidate(window: Callable[[], Window], world: factories.World) -> Window:
    made = window()
    made.log_in(world.candidate.email)
    expect(made.page.get_by_role("heading", level=1)).to_have_text("Mon livret 2")
    made.open(f"/dossiers/{world.candidacy.id}/preuves/ajouter")
    return made


def send(who: Window, film: Path) -> None:
    who.attach(who.page.get_by_label("Vos fichiers"), film)
    who.press(who.page.get_by_role("button", name="Envoyer", exact=True))


def ranges_here(database: Database, server: Server) -> list[tuple[int, int]]:
    """Return the ranges of bytes that were acknowledged."""
    with database.reader() as session:
        row = session.scalars(select(Upload)).first()
        if row is None:
            return []
    return PartialUploads(Path(server.env["DATA"]) / "incoming" / "parts").received(PartialUpload(row.id, row.size))


def length(ranges: list[tuple[int, int]]) -> int:
    return sum(end - start for start, end in ranges)


def sent_again(left: list[int], here: list[tuple[int, int]]) -> list[int]:
    """Return the parts that begin inside what had arrived before they left."""
    return [place for place in left if any(start <= place < end for start, end in here)]


def wait_until_part_of_it_is_here(page: Page, database: Database, server: Server, least: int) -> int:
    for _ in range(1500):
        received = length(ranges_here(database, server))
        if received >= least:
            return received
        page.wait_for_timeout(10)
    raise AssertionError("nothing comes")


def slow_down(page: Page) -> None:
    """Hold each part for a moment: this machine alone carries the film before a tunnel comes."""

    def hold(route: Route) -> None:
        time.sleep(0.25)
        route.continue_()

    page.route(lambda url: "place=" in url, hold)


def watch_bodies(page: Page) -> None:
    """Keep in the page the kind of each body that is sent."""
    page.add_init_script("""
        window.bodies = [];
        const send = XMLHttpRequest.prototype.send;
        XMLHttpRequest.prototype.send = function (body) {
          if (body) window.bodies.push(body.constructor.name);
          return send.call(this, body);
        };
    """)


def watch_parts(page: Page) -> list[int]:
    """Return the parts that leave from now on: where each begins."""
    left: list[int] = []

    def note(request: Request) -> None:
        if "place=" in request.url:
            left.append(int(request.url.split("place=")[1]))

    page.on("request", note)
    return left


def assert_arrived_whole(page: Page, database: Database, film: Path, server: Server) -> None:
    expect(page.get_by_role("status").filter(has_text="Le fichier est reçu et vérifié")).to_be_visible(timeout=60_000)
    with database.reader() as session:
        file = session.scalars(select(EvidenceFile)).one()
        assert session.scalar(select(func.count()).select_from(Upload)) == 0
    assert (file.size, file.sha256) == (film.stat().st_size, hashlib.sha256(film.read_bytes()).hexdigest())
    assert not list((Path(server.env["DATA"]) / "incoming" / "parts").iterdir())
    assert "tout est comme à la réception" in server.flask("check-files")


def test_a_tunnel_then_a_reload_in_the_middle_of_a_film_lose_nothing(candidate, database, film, server):
    page = candidate.page
    watch_bodies(page)
    page.reload()
    slow_down(page)
    left = watch_parts(page)
    send(candidate, film)
    wait_until_part_of_it_is_here(page, database, server, 12 * MEBIBYTE)
    page.context.set_offline(True)
    waiting = page.locator("[data-upload-state]")
    expect(waiting).to_contain_text("l’envoi reprendra tout seul")
    expect(page.locator("[data-upload-live]")).to_contain_text("Ce qui est arrivé est gardé")
    page.wait_for_timeout(500)  # what had left still arrives
    here, before = ranges_here(database, server), len(left)
    assert length(here) < SIZE, "the tunnel came too late"
    candidate.check()
    page.wait_for_timeout(1000)
    page.context.set_offline(False)
    wait_until_part_of_it_is_here(page, database, server, length(here) + 12 * MEBIBYTE)
    assert {*page.evaluate("window.bodies")} == {"FormData", "Blob"}, "an ArrayBuffer is far slower"

    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    page.wait_for_timeout(500)  # what had left still arrives
    assert len({*left[before:]}) == len(left[before:]), "each part left once after the tunnel"
    assert not sent_again(left[before:], here)
    here = ranges_here(database, server)
    assert length(here) < SIZE, "the page was reloaded too late"
    notice = page.locator(".notice", has_text="Un envoi s’est arrêté en chemin")
    expect(notice).to_contain_text("« visite du chantier.wav »")
    expect(notice).to_contain_text(f"sur {size(SIZE)}".replace("\u00a0", " "))
    candidate.check()
    left = watch_parts(page)
    send(candidate, film)
    assert_arrived_whole(page, database, film, server)
    assert left
    assert not sent_again(left, here)
