"""Real files sent as a candidate sends them, on both stores: what is sound is read, what is hostile harms nobody."""

import io
import math
import os
import socket
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image
from sqlalchemy import select

from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.domain.dossier.models.renditions import Page as StoredPage
from portfolio.domain.dossier.models.renditions import Rendition
from portfolio.domain.dossier.rules.rendition import PageError, PageSize, RenditionKind
from portfolio.files.file_types.types import FileRejected, FileType, is_converted, is_played, pages_of
from portfolio.files.renditions.page_images import client as page_images_client
from portfolio.files.sandbox import process
from portfolio.files.sandbox.fork_server import ForkServer
from portfolio.run.worker import rendition_worker
from portfolio.wording.files import _SENTENCES, refusal_message
from tests import factories, samples
from tests.applications import config_for
from tests.corpus import CORPUS, HOSTILE, REFUSED_THOUGH_SOUND
from tests.faults.running import encoded
from tests.object_store import kept_in
from tests.page import Page
from tests.thoroughness import EXHAUSTIVE

# LibreOffice takes a second for each file: of those of one kind, two are converted; all of them with TESTS=exhaustive.
OF_A_KIND = math.inf if EXHAUSTIVE else 2
# A film whose container holds no stream: nothing plays it.
OPENED_BY_NOTHING = {"testMP4_QuickTimeMetadata.mov"}
real = pytest.mark.skipif(not CORPUS.is_dir(), reason="ACQUIS_CORPUS does not name the folder of real files")


@pytest.fixture(params=["local", "s3"])
def config(request, sqlite_url, tmp_path):
    made = config_for(sqlite_url, tmp_path)
    if request.param == "local":
        return made
    bucket = request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}")
    return kept_in(made, bucket)


@pytest.fixture
def world(store):
    return factories.begin_world(store, filled=False)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def chosen(folder: str, files_url: str) -> list[Path]:
    """Every file of a folder on the local store; on S3, which only keeps them, one of six (all of them with
    TESTS=exhaustive).
    """
    paths = sorted((CORPUS / folder).glob("*"))
    return paths if EXHAUSTIVE or not files_url else paths[::6]


def send(client, world, paths: list[Path]) -> dict[str, Page]:
    """Send files, one after the other; answer what was said of those that were refused."""
    client.log_in(world.candidate.email, factories.PASSWORD)
    add = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    fields = {
        one["name"]: one.get("value", "") for one in client.page(add).all("input", type="hidden") if "name" in one
    }
    refused = {}
    for path in paths:
        body, kind = encoded(fields, {"files": (path.name, path.read_bytes())})
        answer = client.post(add, data=body, content_type=kind)
        assert answer.status_code in (303, 422), f"{path.name}: said, never a fault"
        if answer.status_code == 422:
            refused[path.name] = Page(answer.text)
        fields["nonce"] = uuid4().hex
    return refused


def accepted(store) -> dict[str, tuple[EvidenceFile, Evidence]]:
    with store.reader() as session:
        rows = session.execute(select(EvidenceFile, Evidence).join(Evidence, Evidence.id == EvidenceFile.evidence_id))
        return {file.name: (file, piece) for file, piece in rows}


def draw(app, store, most_converted: float = math.inf) -> set[str]:
    """Draw the first and the last page of every file, and answer the names of those that were drawn: of the
    files of one kind that are converted first, so many of the smallest.
    """
    shop, converted, drawn = rendition_worker(app), Counter[str](), set[str]()
    with store.reader() as session:
        query = select(Rendition.id, EvidenceFile).join(EvidenceFile, EvidenceFile.id == Rendition.file_id)
        query = query.where(Rendition.kind == RenditionKind.PAGES).order_by(EvidenceFile.size)
        orders = session.execute(query).all()
    for one, file in orders:
        converted[file.mime] += is_converted(file.mime)
        if converted[file.mime] <= most_converted:
            drawn.add(file.name)
            for page in {1, file.pages or 1}:
                shop.make(one, page=page)
    return drawn


def is_ours(image: bytes) -> bool:
    """Tell whether this is a page image as we make them: bounded, and without a word of what a camera wrote."""
    opened = Image.open(io.BytesIO(image))
    return opened.format == "WEBP" and opened.width <= PageSize.PAGE.width and not dict(opened.getexif())


def read_aloud(sentence: str) -> str:
    """A sentence as the text of a page gives it: its spaces are all alike."""
    return sentence.replace("\u00a0", " ").strip()


@pytest.mark.slow
@real
def test_what_is_sound_is_kept_and_what_has_pages_is_read(app, client, store, world, config):
    paths = chosen("benign", config.files_url)
    refused = send(client, world, paths)
    names = {path.name for path in paths}
    assert set(refused) == names & set(REFUSED_THOUGH_SOUND)
    for name, page in refused.items():
        assert read_aloud(refusal_message(FileRejected(REFUSED_THOUGH_SOUND[name]))) in page.text
    kept = accepted(store)
    assert set(kept) == names - set(refused)
    drawn, read = draw(app, store, OF_A_KIND), 0
    for name, (file, piece) in kept.items():
        assert (
            Path(name).suffix.lower().lstrip(".")
            in next(file_type for file_type in FileType if file_type.mime == file.mime).extensions
        ), name
        url = f"/dossiers/{world.candidacy.id}/preuves/{piece.id}/versions/1"
        page = client.page(f"{url}/lire")
        if name in OPENED_BY_NOTHING:
            assert "n’a pas pu être ouvert ici" in page.text, name
            continue
        if name not in drawn:
            assert page.all("img") == page.all("video") == page.all("audio") == [], name
            continue
        players = page.all("video") + page.all("audio")
        assert page.all("img") or players, name
        if is_played(file.mime):
            assert client.get(players[0]["src"], headers={"Range": "bytes=0-99"}).status_code == 206, name
        for number in () if is_played(file.mime) else {1, pages_of(file.mime, file.pages)}:
            assert is_ours(client.get(f"{url}/pages/{number}").data), name
        read += 1
    # One archive is refused, and one film opens nowhere.
    assert read == (len(drawn) - 1 if len(paths) == 72 else len(drawn))
    assert read > (54 if len(paths) == 72 else 8)


@pytest.mark.slow
@real
def test_what_is_hostile_is_refused_for_what_is_wrong_or_kept_where_it_runs_for_nobody(
    app, client, store, world, config
):
    before, paths = resident(), chosen("hostile", config.files_url)
    refused = send(client, world, paths)
    kept = accepted(store)
    for path in paths:
        decided = HOSTILE[path.name]
        if isinstance(decided, FileType):
            assert kept[path.name][0].mime == decided.mime, path.name
        else:
            # What its sentence begins with: figures and the name of the format come after.
            assert read_aloud(_SENTENCES[decided][0].partition("{")[0]) in refused[path.name].text, path.name
    draw(app, store)
    assert resident() - before < 200_000_000, "the bodies of the forms, and nothing that they swell to"
    for name, (file, piece) in kept.items():
        base = f"/dossiers/{world.candidacy.id}/preuves/{piece.id}"
        original = client.get(f"{base}/fichier/1")
        assert original.status_code == 200, name
        assert original.headers["Content-Disposition"].startswith("attachment"), name
        assert original.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
        assert original.headers["X-Content-Type-Options"] == "nosniff"
        client.page(f"{base}/versions/1/lire")
        assert client.get(f"{base}/versions/1/enregistrement").status_code in (404, 422), name
        if pages_of(file.mime, file.pages):
            image = client.get(f"{base}/versions/1/pages/1")
            assert is_ours(image.data) if image.status_code == 200 else image.status_code == 422, (
                name,
                image.status_code,
                image.text,
            )
    with store.reader() as session:
        faults = set(session.scalars(select(StoredPage.error)))
    assert faults <= {None, PageError.BROKEN_PAGE, PageError.TOO_HEAVY}


@real
def test_every_file_is_decided():
    assert [len(list((CORPUS / folder).glob("*"))) for folder in ("benign", "hostile")] == [72, 50]
    assert {path.name for path in (CORPUS / "hostile").glob("*")} == set(HOSTILE)


# A child taken over by its file: it tries everything, and draws what it could do.
TAKEN_OVER = """
import importlib, os, socket, subprocess, sys, types
package = types.ModuleType("portfolio")
package.__path__ = [sys.argv[1]]
sys.modules["portfolio"] = package
module = importlib.import_module(sys.argv[2])

def tried(attempt):
    try:
        attempt()
    except BaseException:
        return False
    return True

def draw(self, page, width):
    attempts = {
        "connect": lambda: socket.create_connection(("127.0.0.1", PORT), 2),
        "read": lambda: open("/etc/passwd"),
        "write": lambda: open("/tmp/acquis-taken-over", "w").write("x"),
        "run": lambda: subprocess.run(["true"], check=True),
        "swell": lambda: bytearray(2_000_000_000),
    }
    could = [name for name, attempt in attempts.items() if tried(attempt)]
    self.could = could
    return module.Image.new("RGB", (10, 10))

module.pdf.prepare = lambda: None
module.pdf.PdfRenderer.draw = draw
module.pdf.PdfRenderer.text = lambda self: module.PageText("could: " + ",".join(self.could))
module.main()
"""


@pytest.fixture
def listener() -> Iterator[tuple[int, list[object]]]:
    """A door of loopback that remembers who knocks."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        door.settimeout(0.2)
        knocks: list[object] = []
        closing = threading.Event()

        def wait() -> None:
            while not closing.is_set():
                try:
                    knock, _ = door.accept()
                except TimeoutError:
                    continue
                knock.close()
                knocks.append(knock)

        thread = threading.Thread(target=wait)
        thread.start()
        yield door.getsockname()[1], knocks
        closing.set()
        thread.join()


def test_a_file_that_took_the_drawing_over_can_call_nobody_open_nothing_and_run_nothing(listener, monkeypatch):
    port, knocks = listener
    socket.create_connection(("127.0.0.1", port), 2).close()
    monkeypatch.setattr(process, "_CHILD", TAKEN_OVER.replace("PORT", str(port)))
    server = ForkServer(page_images_client._MAIN)
    monkeypatch.setattr(page_images_client, "_batch", server)
    [found] = page_images_client.render_pages(io.BytesIO(samples.pdf()), FileType.PDF, 1, 1)
    server.end()
    assert found.text == "could:"
    assert len(knocks) == 1, "ours"
