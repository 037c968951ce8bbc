"""The answer is sent once the file, its folder and its row are on the disk: as the system sees it, and in our
own order.
"""

import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import event, select

from portfolio.domain.dossier.models.evidence import Evidence, EvidenceFile
from portfolio.files.storage.local import LocalStore
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import Nursery, Server, Visitor

pytestmark = pytest.mark.slow

WATCHED = "fsync,fdatasync,link,linkat,write,sendto,sendmsg"


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return subprocess.run(["strace", "-f", "-o", os.devnull, "true"], capture_output=True, check=False).returncode == 0


# A file of a form is written aside; one in parts is where its parts are: both are flushed before they have
# their name.
ASIDE = {"form": r"files/\.incoming/[0-9a-f]+>", "parts": r"incoming/parts/[0-9a-f-]+>"}


class Trace(NamedTuple):
    """The key of a file that was sent, the calls from its sending to the next one, and whether its folder was
    made for it.
    """

    key: str
    calls: str
    is_folder_new: bool


@pytest.fixture(scope="module")
def traces(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Trace]]:
    """Return the data folder of a server, and what the system saw it do for a file sent in each way."""
    folder = tmp_path_factory.mktemp("traced")
    shutil.copy(sqlite_template, folder / "acquis.db")
    db = open_database(f"sqlite:///{folder / 'acquis.db'}")
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    written = folder / "trace"
    nursery = Nursery("strace", "-f", "-y", "-s", "64", "-e", f"trace={WATCHED}", "-o", str(written))
    try:
        with Server(nursery, folder, SECRET_KEY="faults") as server:
            candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
            path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
            form, content = candidate.fields(path), samples.pdf() + os.urandom(700_000)
            assert candidate.post(path, form, {"files": ("plan.pdf", content)}).status == 303
            form, content = candidate.fields(path), samples.pdf() + os.urandom(700_000)
            sent = {"sent": sent_in_one_part(candidate, path, form, content)}
            assert candidate.post(path, form | sent).status == 303
    finally:
        nursery.close()
    with db.reader() as session:
        query = select(EvidenceFile.key).join(Evidence, Evidence.id == EvidenceFile.evidence_id)
        keys = session.scalars(query.order_by(Evidence.number)).all()
    db.engine.dispose()
    calls = written.read_bytes().decode(errors="replace")
    second = re.search(ASIDE["parts"], calls)
    assert second, "no part was written"
    start = calls.rindex("\n", 0, second.start())
    return folder, {
        "form": Trace(keys[0], calls[:start], is_folder_new=True),
        "parts": Trace(keys[1], calls[start:], is_folder_new=keys[0][:2] != keys[1][:2]),
    }


@pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("way", ASIDE)
def test_the_system_sees_file_then_folders_then_row_on_the_disk_before_the_answer(traces, way: str):
    data, found = traces
    kept, calls = re.escape(found[way].key), found[way].calls
    folder, top = re.escape(str(data / "files")), re.escape(str(data))
    assert_in_order(
        calls,
        *([rf"fdatasync\(\d+<{top}/{ASIDE[way]}\)", r"HTTP/1\.1 200"] if way == "parts" else []),
        rf"fsync\(\d+<{top}/{ASIDE[way]}\)",
        rf'link(at)?\([^"]*("[^"]*"[^"]*)?"{folder}/{kept}\.file"',
        rf"fsync\(\d+<{folder}/{kept[:2]}>\)",
        *([rf"fsync\(\d+<{folder}>\)"] if found[way].is_folder_new else []),
        r"f(data)?sync\(\d+<[^>]*acquis\.db-wal>\)",
        r'(write|sendto|sendmsg)\(\d+<(socket|TCP)[^"]*"HTTP/1\.1 303',
    )


def sent_in_one_part(candidate: Visitor, path: str, form: dict[str, str], content: bytes) -> str:
    address = path.replace("preuves/ajouter", "envois")
    announced = {"csrf_token": form["csrf_token"], "name": "plan.pdf", "size": str(len(content)), "mark": "x"}
    upload: str = json.loads(candidate.post(address, announced).text)["id"]
    headers = {"X-CSRFToken": form["csrf_token"]}
    asked = candidate.ask("POST", f"{address}/{upload}?place=0", content, "application/octet-stream", headers)
    assert asked.answer().status == 200
    return upload


def assert_in_order(calls: str, *wanted: str) -> None:
    """Each of these calls comes after the end of the one before."""
    place = 0
    for one in wanted:
        found = re.compile(one).search(calls, place)
        assert found, f"{one} does not follow {wanted[: wanted.index(one)]} in\n{calls[-6000:]}"
        place = found.end()


def test_we_flush_the_file_publish_it_flush_its_folders_then_write_its_row_then_answer(client, store, monkeypatch):
    with store.transaction() as session:
        world = factories.world(session, filled=False)
    assert client.log_in(world.candidate.email, factories.PASSWORD).status_code == 303
    path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    upload = {"files": (io.BytesIO(samples.pdf()), "plan.pdf")} | {
        one["name"]: one["value"] for one in client.page(path).all("input", type="hidden") if one.get("value")
    }
    done = flushes(monkeypatch)
    event.listen(store.engine, "commit", lambda _: done.append("row"))
    assert client.post(path, data=upload).status_code == 303
    assert done == ["file", "link", "folder", "top", "row"]


def test_the_folders_above_are_flushed_again_only_when_one_of_them_may_be_new(tmp_path: Path, monkeypatch):
    here, elsewhere = LocalStore(tmp_path / "files"), LocalStore(tmp_path / "files")
    done = flushes(monkeypatch)
    for store, key in ((here, "ab/01"), (here, "ab/02"), (here, "cd/03"), (elsewhere, "ab/04")):
        store.save(key, io.BytesIO(b"x"))
    whole, shorter = ["file", "link", "folder", "top"], ["file", "link", "folder"]
    assert done == whole + shorter + whole + whole  # who finds a folder there does not know that it is durable
    shutil.rmtree(tmp_path / "files" / "ab")
    done.clear()
    here.save("ab/05", io.BytesIO(b"x"))
    assert done == whole


def flushes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return what is flushed and linked from now on, in order."""
    done: list[str] = []
    fsync, link = os.fsync, os.link

    def flushing(descriptor: int) -> None:
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        fsync(descriptor)
        done.append("file" if "/.incoming/" in name else "top" if name.endswith("/files") else "folder")

    def linking(one: Path, other: Path) -> None:
        link(one, other)
        done.append("link")

    monkeypatch.setattr(os, "fsync", flushing)
    monkeypatch.setattr(os, "link", linking)
    return done
