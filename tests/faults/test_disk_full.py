"""The disk is full: a sentence and 507, nothing half-written; with room again, all goes on without a restart."""

import contextlib
import hashlib
import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import func, select, text

from portfolio.backup.migration import upgrade
from portfolio.domain.dossier.models.dossier import Narrative
from portfolio.domain.dossier.models.evidence import EvidenceFile
from portfolio.files.integrity.references import check_files
from portfolio.files.storage.local import LocalStore
from portfolio.on_commit import open_database
from tests import factories, postgresql, samples
from tests.faults.running import Answer, Nursery, Server, Visitor
from tests.wait_until import settle
from tools.cluster.postgresql import postgresql_server

pytestmark = pytest.mark.slow

MEBIBYTE = 1024 * 1024
DISK = 96 * MEBIBYTE


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own, of 96 MiB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk):
        yield disk


@contextlib.contextmanager
def mounted(disk: Path) -> Iterator[None]:
    """Mount a disk of 96 MiB on this folder."""
    options = f"size={DISK},mode=777"
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(disk)], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(disk)], check=True)


@pytest.fixture
def full_postgresql() -> Iterator[tuple[str, Path]]:
    """A PostgreSQL on a disk of its own: its address, and the disk."""
    disk = Path(tempfile.mkdtemp(prefix="acquis-pg-disk-", dir="/tmp"))
    try:
        with mounted(disk), postgresql_server(disk / "pg") as server:
            place = server.set(database="acquis", drivername="postgresql+psycopg")
            postgresql.run(place, 'CREATE DATABASE "acquis"')
            postgresql.disconnect(server.render_as_string(hide_password=False))
            url = place.render_as_string(hide_password=False)
            upgrade(url)
            yield url, disk
    finally:
        disk.rmdir()


def fill(disk: Path, leaving: int = 0) -> Path:
    """Fill a disk to its last byte but these."""
    ballast = disk / "ballast"
    with ballast.open("wb", buffering=0) as file:
        room = shutil.disk_usage(disk).free - leaving
        while room > 0:
            try:
                room -= file.write(bytes(min(room, MEBIBYTE)))
            except OSError:
                break
    return ballast


class Place:
    """A candidate at work, on a server whose data are on this disk."""

    def __init__(self, nursery: Nursery, disk: Path, template: Path) -> None:
        self.disk = disk
        shutil.copy(template, disk / "acquis.db")
        self.db = open_database(f"sqlite:///{disk / 'acquis.db'}")
        with self.db.transaction() as session:
            self.world = factories.world(session, filled=False)
        self.server = Server(nursery, disk, SECRET_KEY="faults")
        self.server.log, self.server.events = disk.parent / "log", disk.parent / "events"
        self.server.env |= {"LOG": str(self.server.log), "EVENTS": str(self.server.events)}
        self.server.start()
        self.candidate = Visitor(self.server.port).log_in(self.world.candidate.email, factories.PASSWORD)
        self.add = f"/dossiers/{self.world.candidacy.id}/preuves/ajouter"
        self.tell = f"/dossiers/{self.world.candidacy.id}/competences/{self.world.competencies[0].id}"

    def send(self, size: int, form: dict[str, str] | None = None):
        content = samples.pdf() + bytes(size)
        return self.candidate.post(self.add, form or self.candidate.fields(self.add), {"files": ("film.pdf", content)})

    def files(self) -> int:
        with self.db.reader() as session:
            assert check_files(LocalStore(self.disk / "files"), self.db).ok
            return session.scalar(select(func.count()).select_from(EvidenceFile))

    def assert_nothing_waits(self) -> None:
        for folder in ("incoming", "files/.incoming"):
            assert not list((self.disk / folder).glob("*"))

    def close(self) -> None:
        self.server.kill()
        self.db.engine.dispose()


@pytest.fixture
def place(nursery: Nursery, small_disk: Path, sqlite_template: Path) -> Iterator[Place]:
    made = Place(nursery, small_disk, sqlite_template)
    yield made
    made.close()


def test_a_body_there_is_no_room_for_is_refused_and_leaves_nothing(place):
    ballast = fill(place.disk, leaving=10 * MEBIBYTE)
    refused = place.send(20 * MEBIBYTE)
    assert refused.status == 507
    assert "n’a plus la place de recevoir ce fichier" in refused.text
    assert place.files() == 0
    place.assert_nothing_waits()
    ballast.unlink()
    assert place.send(20 * MEBIBYTE).status == 303
    assert place.files() == 1


def test_a_disk_that_fills_while_a_form_is_read_is_told(place):
    """The body has room, and the file taken out of it has none."""
    ballast = fill(place.disk, leaving=30 * MEBIBYTE)
    refused = place.send(20 * MEBIBYTE)
    assert refused.status == 507
    assert "La place manque" in refused.page.text
    place.assert_nothing_waits()
    ballast.unlink()
    assert place.send(20 * MEBIBYTE).status == 303


def send_part(place: Place, state: dict[str, Any], content: bytes, token: str) -> Answer:
    start = state["received"]
    part = content[start : start + state["part"]]
    headers = {"X-CSRFToken": token, "X-SHA256": hashlib.sha256(part).hexdigest()}
    path = f"{place.add.replace('preuves/ajouter', 'envois')}/{state['id']}?place={start}"
    return place.candidate.ask("POST", path, part, "application/octet-stream", headers).answer()


def test_a_file_in_parts_is_written_once_and_goes_on_after_a_full_disk(place):
    content = samples.pdf() + bytes(40 * MEBIBYTE)
    ballast = fill(place.disk, leaving=20 * MEBIBYTE)
    form = place.candidate.fields(place.add)
    announced = {"csrf_token": form["csrf_token"], "name": "film.pdf", "size": str(len(content)), "mark": "film"}
    address = place.add.replace("preuves/ajouter", "envois")
    state = json.loads(place.candidate.post(address, announced).text)
    while (answer := send_part(place, state, content, form["csrf_token"])).status == 200:
        state = json.loads(answer.text)
    assert answer.status == 507
    assert "La place manque" in answer.text or "n’a plus la place" in answer.text
    assert 0 < state["received"] < len(content), "what had room stays"
    ballast.unlink()
    fill(place.disk, leaving=len(content) - state["received"] + 20 * MEBIBYTE)
    while state["received"] < len(content):
        answer = send_part(place, state, content, form["csrf_token"])
        assert answer.status == 200, answer.text
        state = json.loads(answer.text)
    assert place.candidate.post(place.add, form | {"sent": state["id"]}).status == 303
    assert place.files() == 1


def test_a_disk_that_fills_while_a_body_comes_is_told(place):
    """The room was there at first: another process takes it meanwhile."""
    form = place.candidate.fields(place.add)
    with place.candidate.upload(place.add, form, 20 * MEBIBYTE) as upload:
        upload.send_half()
        ballast = fill(place.disk)
        refused = upload.send_rest()
    assert refused.status == 507
    assert "n’a plus la place" in refused.text
    place.assert_nothing_waits()
    ballast.unlink()
    assert place.send(20 * MEBIBYTE, form).status == 303
    assert place.files() == 1


def test_a_disk_full_when_the_file_is_kept_is_told_on_the_form(place):
    form = place.candidate.fields(place.add)
    ballast = fill(place.disk)
    refused = place.send(300_000, form)
    assert refused.status == 507
    assert "La place manque pour enregistrer ce fichier" in refused.page.text
    assert place.files() == 0
    place.assert_nothing_waits()
    assert place.candidate.get(place.add).status == 200, "pages are read all the same"
    ballast.unlink()
    assert place.send(300_000).status == 303
    assert place.files() == 1


def test_a_postgresql_whose_disk_is_full_is_told_with_what_was_typed_then_goes_on(
    full_postgresql, nursery: Nursery, tmp_path
):
    url, disk = full_postgresql
    db = open_database(url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    with Server(nursery, tmp_path, SECRET_KEY="faults", DATABASE_URL=url) as server:
        candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
        tell = f"/dossiers/{world.candidacy.id}/competences/{world.competencies[0].id}"
        ballast = fill(disk)
        for _ in range(3):
            # What nothing compresses asks for new room at once.
            typed = candidate.fields(tell) | {"situation": "L’agence perdait des clients. " + os.urandom(7000).hex()}
            refused = candidate.post(tell, typed)
            assert refused.status == 507, refused.page.text
            assert "n’a plus la place d’enregistrer" in refused.page.text
            assert typed["situation"] in refused.text
        ballast.unlink()
        assert candidate.post(tell, candidate.fields(tell) | {"situation": "L’agence va mieux."}).status == 303
    with db.reader() as session:
        assert session.scalar(select(Narrative.situation)) == "L’agence va mieux."
    db.engine.dispose()


def test_a_disk_full_when_the_row_is_committed_is_told_with_what_was_typed(place):
    typed = place.candidate.fields(place.tell) | {"situation": "L’agence perdait des clients. " * 600}
    with place.db.engine.connect() as connection:
        connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    ballast = fill(place.disk)
    refused = place.candidate.post(place.tell, typed)
    assert refused.status == 507
    assert "n’a plus la place d’enregistrer" in refused.page.text
    assert "L’agence perdait des clients." in refused.page.text
    with place.db.reader() as session:
        assert session.scalar(select(func.count()).select_from(Narrative)) == 0
    ballast.unlink()
    assert place.candidate.post(place.tell, typed).status == 303
    with place.db.reader() as session:
        assert session.scalar(select(Narrative.situation)).startswith("L’agence")


@contextlib.contextmanager
def no_file_longer_than(size: int, pid: int) -> Iterator[None]:
    """Give the system refuses this process a longer file, as a quota would."""
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
    yield
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.fixture
def anywhere(nursery: Nursery, sqlite_template: Path, tmp_path: Path) -> Iterator[Place]:
    """Give the same place, on whatever disk the machine has."""
    made = Place(nursery, tmp_path, sqlite_template)
    yield made
    made.close()


def open_in(browser: Browser, place: Place, **more: bool) -> Page:
    """Return the form, in a window of the candidate."""
    address = f"http://127.0.0.1:{place.server.port}"
    context = browser.new_context(locale="fr-FR", **more)
    context.add_cookies(
        [{"name": name, "value": value, "url": address} for name, value in place.candidate.cookies.items()]
    )
    page = context.new_page()
    page.goto(address + place.add)
    if more.get("java_script_enabled", True):
        settle(page)
    return page


@pytest.fixture
def film(tmp_path: Path) -> Path:
    path = tmp_path / "plan.pdf"
    path.write_bytes(samples.pdf() + bytes(20 * MEBIBYTE))
    return path


def test_in_a_browser_the_file_stays_chosen_and_goes_when_there_is_room(browser, anywhere, film):
    page = open_in(browser, anywhere)
    page.get_by_label("Vos fichiers").set_input_files(film)
    with no_file_longer_than(MEBIBYTE, anywhere.server.pid):
        page.get_by_role("button", name="Envoyer", exact=True).click()
        expect(page.locator("[data-upload-error]")).to_contain_text(
            "La place manque pour enregistrer ce fichier", timeout=30_000
        )
    assert anywhere.files() == 0
    page.get_by_role("button", name="Réessayer").click()
    expect(page.get_by_role("status").filter(has_text="Le fichier est reçu et vérifié")).to_be_visible(timeout=30_000)
    assert anywhere.files() == 1
    page.context.close()


def test_in_a_browser_without_scripts_the_sentence_is_read_though_the_body_was_not(browser, anywhere, film):
    page = open_in(browser, anywhere, java_script_enabled=False)
    page.get_by_label("Vos fichiers").set_input_files(film)
    with no_file_longer_than(MEBIBYTE, anywhere.server.pid):
        page.get_by_role("button", name="Envoyer", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("La place manque un instant", timeout=30_000)
    page.go_back()
    page.get_by_label("Vos fichiers").set_input_files(film)
    page.get_by_role("button", name="Envoyer", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="Le fichier est reçu et vérifié")).to_be_visible(timeout=30_000)
    assert anywhere.files() == 1
    page.context.close()


def test_a_quota_met_in_the_middle_of_a_body_is_told_then_lifted(anywhere):
    with no_file_longer_than(4 * MEBIBYTE, anywhere.server.pid):
        refused = anywhere.send(20 * MEBIBYTE)
    assert refused.status == 507
    assert "n’a plus la place" in refused.text
    assert anywhere.files() == 0
    assert anywhere.send(20 * MEBIBYTE).status == 303
    assert anywhere.files() == 1
