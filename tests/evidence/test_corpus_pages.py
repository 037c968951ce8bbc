"""Real files sent as a candidate sends them, on both stores: what is sound is read, what is hostile harms nobody."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.evidence.rendering import painting
from portfolio.evidence.rendering.codes import pages_of
from portfolio.evidence.renditions import Leaf, Rendition
from portfolio.evidence.rules.rendition import PageFault, RenditionKind
from portfolio.storage import limited_child
from portfolio.storage.kinds import FileKind
from portfolio.worker import workshop_of
from tests import factories, samples
from tests.conftest import config_for
from tests.faults.running import encoded
from tests.storage.test_corpus import HOSTILE, REFUSED_THOUGH_SOUND

CORPUS = Path(os.environ.get("ACQUIS_CORPUS", "/nowhere"))
real = pytest.mark.skipif(not CORPUS.is_dir(), reason="ACQUIS_CORPUS does not name the folder of real files")


@pytest.fixture(params=["local", "s3"])
def config(request, sqlite_url, tmp_path):
    made = config_for(sqlite_url, tmp_path)
    if request.param == "local":
        return made
    bucket = request.getfixturevalue("object_server").bucket(f"tests/{uuid4().hex}")
    return made.with_changes(
        files_url=f"s3://{bucket.name}/{bucket.prefix}",
        s3_endpoint=bucket.endpoint,
        s3_region=bucket.region,
        s3_access_key=bucket.access_key,
        s3_secret_key=bucket.secret_key,
    )


@pytest.fixture
def world(store):
    with store.transaction() as session:
        return factories.world(session, filled=False)


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def send(client, world, folder: str) -> None:
    """Send every file of a folder, one after the other."""
    paths = sorted((CORPUS / folder).glob("*"))
    client.log_in(world.candidate.email, factories.PASSWORD)
    add = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    fields = {one["name"]: one.get("value", "") for one in client.page(add).all("input", type="hidden") if "name" in one}
    for path in paths:
        body, kind = encoded(fields, {"files": (path.name, path.read_bytes())})
        answer = client.post(add, data=body, content_type=kind)
        assert answer.status_code in (303, 422), f"{path.name}: said, never a fault"
        fields["nonce"] = uuid4().hex


def accepted(store) -> dict[str, tuple[EvidenceFile, Evidence]]:
    with store.reader() as session:
        rows = session.execute(select(EvidenceFile, Evidence).join(Evidence, Evidence.id == EvidenceFile.evidence_id))
        return {file.name: (file, piece) for file, piece in rows}


def draw(app, store, pages: int = 1) -> None:
    """Draw the first page of every file."""
    shop = workshop_of(app)
    with store.reader() as session:
        orders = list(session.scalars(select(Rendition.id).where(Rendition.kind == RenditionKind.PAGES)))
    for one in orders:
        shop.make(one, page=1)


@real
def test_what_is_sound_is_kept_and_what_has_pages_is_read(app, client, store, world):
    send(client, world, "benign")
    kept = accepted(store)
    assert set(kept) == {path.name for path in (CORPUS / "benign").glob("*")} - set(REFUSED_THOUGH_SOUND)
    assert len(kept) == 72 - len(REFUSED_THOUGH_SOUND)
    draw(app, store)
    read = 0
    for name, (file, piece) in kept.items():
        url = f"/dossiers/{world.candidacy.id}/preuves/{piece.id}/versions/1"
        page = client.page(f"{url}/lire")
        if pages_of(file.mime, file.pages):
            read += 1
            assert client.get(f"{url}/pages/1").mimetype == "image/webp", name
            assert page.all("img"), name
        else:
            assert "arrive plus tard" in page.text, name
    assert read == 31


@real
def test_what_is_hostile_is_refused_or_kept_where_it_runs_for_nobody(app, client, store, world):
    before = resident()
    send(client, world, "hostile")
    kept = accepted(store)
    assert {path.name for path in (CORPUS / "hostile").glob("*") if isinstance(HOSTILE[path.name], FileKind)} == set(kept)
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
        if pages_of(file.mime, file.pages):
            image = client.get(f"{base}/versions/1/pages/1")
            assert image.mimetype == "image/webp" if image.status_code == 200 else image.status_code == 422, name
    with store.reader() as session:
        faults = set(session.scalars(select(Leaf.fault)))
    assert faults <= {None, PageFault.BROKEN_PAGE, PageFault.TOO_HEAVY}


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
    return module.Image.new("RGB", (10, 10)), "could: " + ",".join(could)

module.sheet.prepare = lambda: None
module.sheet.Sheets.draw = draw
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
    monkeypatch.setattr(limited_child, "_CHILD", TAKEN_OVER.replace("PORT", str(port)))
    [found] = painting.paint(BytesIO(samples.pdf()), FileKind.PDF, 1, 1)
    assert found.text == "could:"
    assert len(knocks) == 1, "ours"
