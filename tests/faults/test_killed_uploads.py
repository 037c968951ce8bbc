"""The server is killed at random while files are sent: what was acknowledged is there, and nothing remains of
what was not.
"""

import hashlib
import json
import math
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from config import Config
from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.files.integrity.check import IssueKind
from portfolio.files.integrity.references import check_files, delete_orphan_files, file_references
from portfolio.files.uploads.factory import create_store
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.kill_server import Blows, counted
from tests.faults.running import Nursery, Server, Visitor, encoded
from tests.object_store import ObjectServer

pytestmark = pytest.mark.slow

# Two at a time: one is often further than the other.
AT_ONCE = 2
WARMING = 2


@pytest.fixture(params=["local", "s3"])
def files_env(request: pytest.FixtureRequest) -> dict[str, str]:
    """Return the settings of each store in turn."""
    return {} if request.param == "local" else bucket_env(request.getfixturevalue("object_server"))


def bucket_env(server: ObjectServer) -> dict[str, str]:
    """Return the settings of a bucket of its own."""
    bucket = server.bucket(f"faults/{uuid4().hex}")
    return {
        "FILES_URL": f"s3://{bucket.name}/{bucket.prefix}", "S3_ENDPOINT": bucket.endpoint, "S3_REGION": bucket.region,
        "S3_ACCESS_KEY": bucket.access_key, "S3_SECRET_KEY": bucket.secret_key,
    }  # fmt: skip


@pytest.fixture
def db(sqlite_url: str):
    opened = open_database(sqlite_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def world(db):
    """A candidate with an empty list of pieces: every row that names a file names a real one."""
    return factories.begin_world(db, filled=False)


def test_an_upload_cut_anywhere_is_kept_or_leaves_nothing(
    db, world, files_env, nursery: Nursery, tmp_path: Path, kills
):
    server = Server(nursery, tmp_path, SECRET_KEY="faults", **files_env)
    store = create_store(Config.from_env(server.env))
    chance, acknowledged, sent, seen = random.Random(7), set[str](), set[str](), set[str]()
    with server:
        candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
        path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
        blows = Blows(server, "idempotency_key", seed=3, any_time_every=2)

        def upload() -> tuple[str, bytes, str]:
            content = samples.pdf() + os.urandom(chance.choice((2_000, 300_000, 1_500_000)))
            digest = hashlib.sha256(content).hexdigest()
            sent.add(digest)
            return digest, *encoded(candidate.fields(path), {"files": ("plan.pdf", content)})

        for _ in range(WARMING):
            digest, body, kind = upload()
            began = blows.begin()
            assert candidate.ask("POST", path, body, kind).answer().status == 303
            blows.measure(began)
            acknowledged.add(digest)
        for _ in range(kills):
            prepared = [upload() for _ in range(AT_ONCE)]
            blows.begin()
            asked = [candidate.ask("POST", path, body, kind) for _, body, kind in prepared]
            for (digest, _, _), answer in zip(prepared, blows.strike(asked), strict=True):
                assert answer.status in {0, 303}
                acknowledged |= {digest} if answer.status else set()
            with db.reader() as session:
                assert acknowledged <= set(session.scalars(select(EvidenceFile.sha256)))
                new = {reference.key for reference in file_references(session)} - seen
            assert all(store.exists(key) for key in new), "a row without its file"
            seen |= new

    left = check_files(store, db)
    assert {finding.fault for finding in left.findings} <= {IssueKind.ORPHAN}
    later = datetime.now(UTC) + timedelta(days=2)
    _, forgotten = delete_orphan_files(store, db, later)
    assert forgotten == len(left.findings)
    assert check_files(store, db).ok, "every row re-hashes, and every file has its row"
    assert delete_orphan_files(store, db, later) == (0, 0)
    assert temporary_files(tmp_path) == []
    with db.reader() as session:
        kept = set(session.scalars(select(EvidenceFile.sha256)))
        numbers = list(session.scalars(select(Evidence.number).order_by(Evidence.number)))
    assert acknowledged <= kept <= sent
    assert numbers == list(range(1, len(kept) + 1))
    print(
        counted(blows),
        f"; {len(sent)} sent, {len(acknowledged)} acknowledged, {len(kept)} kept, {forgotten} orphans swept",
    )
    assert blows.fell.total() == kills
    assert any(blows.fell[where] for where in blows.fell if "before" not in where)


def test_a_file_in_parts_goes_on_after_each_death_from_what_was_acknowledged(
    db, world, nursery: Nursery, tmp_path: Path, kills
):
    size = 64 * 1024
    sound = samples.wav(size * kills * 2 / 16_000)
    content = sound[:44] + os.urandom(len(sound) - 44)
    chance, held, deaths, restarts = random.Random(11), 0, 0, 0
    server = Server(nursery, tmp_path, SECRET_KEY="faults")
    with server:
        candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
        form = candidate.fields(f"/dossiers/{world.candidacy.id}/preuves/ajouter")
        address, token = f"/dossiers/{world.candidacy.id}/envois", {"X-CSRFToken": form["csrf_token"]}
        said = {"csrf_token": form["csrf_token"], "name": "film.wav", "size": str(len(content)), "mark": "film"}
        while held < len(content):
            state = json.loads(candidate.post(address, said).text)
            assert state["received"] >= held, "acknowledged, then lost"
            held, restarts = state["received"], restarts + 1
            last = held + size * chance.randint(0, 3) if deaths < kills else math.inf  # then the server dies again
            while held < min(last, len(content)):
                part = content[held : held + size]
                path = f"{address}/{state['id']}?place={held}"
                asked = candidate.ask(
                    "POST",
                    path,
                    part,
                    "application/octet-stream",
                    token | {"X-SHA256": hashlib.sha256(part).hexdigest()},
                )
                if chance.random() < 0.2 and deaths < kills:
                    time.sleep(chance.uniform(0, 0.02))
                    asked.connection.close()
                    break
                answer = asked.answer()
                assert answer.status == 200, answer.text
                held = json.loads(answer.text)["received"]
            if held < len(content):
                server.kill()
                server.start()
                deaths += 1
        assert (
            candidate.post(f"/dossiers/{world.candidacy.id}/preuves/ajouter", form | {"sent": state["id"]}).status
            == 303
        )
    with db.reader() as session:
        file = session.scalars(select(EvidenceFile)).one()
    assert (file.size, file.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    assert list((tmp_path / "incoming" / "parts").iterdir()) == []
    assert deaths == kills
    print(f"{deaths} deaths, {restarts} goings on, {len(content)} bytes whole")


def temporary_files(data: Path) -> list[Path]:
    """Return what lies where bodies and files wait before they are kept."""
    return [
        one
        for folder in (data / "incoming", data / "files" / ".incoming")
        if folder.exists()
        for one in folder.rglob("*")
        if one.is_file()
    ]
