"""The answer is sent once the file, its folder and its row are on the disk: as the system sees it, and in our
own order.
"""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import event

from portfolio.db.engine import Database
from portfolio.domain.evidence.models.evidence import EvidenceFile
from portfolio.files.storage.local import LocalStore
from tests import factories, samples
from tests.faults.running import Nursery, Server, Visitor

WATCHED = "fsync,fdatasync,link,linkat,write,sendto,sendmsg"


def _can_trace() -> bool:
    if shutil.which("strace") is None:
        return False
    return (
        subprocess.run(
            ["strace", "-f", "-o", os.devnull, "true"], capture_output=True, check=False
        ).returncode
        == 0
    )


# A file of a form is written aside; one in parts is where its parts are: both are flushed before they have
# their name.
ASIDE = {"form": r"files/\.incoming/[0-9a-f]+>", "parts": r"incoming/parts/[0-9a-f-]+>"}


@pytest.mark.skipif(not _can_trace(), reason="strace is not installed, or may not trace here")
@pytest.mark.parametrize("way", ASIDE)
def test_the_system_sees_file_then_folders_then_row_on_the_disk_before_the_answer(
    sqlite_url, tmp_path: Path, way: str
):
    db = Database(sqlite_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    trace = tmp_path / "trace"
    nursery = Nursery("strace", "-f", "-y", "-s", "64", "-e", f"trace={WATCHED}", "-o", str(trace))
    try:
        with Server(nursery, tmp_path, SECRET_KEY="faults") as server:
            candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
            path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
            form = candidate.fields(path)
            seen, content = trace.stat().st_size, samples.pdf() + os.urandom(700_000)
            if way == "parts":
                assert (
                    candidate.post(
                        path, form | {"sent": sent_in_one_part(candidate, path, form, content)}
                    ).status
                    == 303
                )
            else:
                assert candidate.post(path, form, {"files": ("plan.pdf", content)}).status == 303
    finally:
        nursery.close()
    with db.reader() as session:
        key = session.query(EvidenceFile.key).scalar()
    db.engine.dispose()
    calls = trace.read_bytes()[seen:].decode(errors="replace")
    folder, kept = re.escape(str(tmp_path / "files")), re.escape(key)
    assert_in_order(
        calls,
        *(
            [rf"fdatasync\(\d+<{re.escape(str(tmp_path))}/{ASIDE[way]}\)", r"HTTP/1\.1 200"]
            if way == "parts"
            else []
        ),
        rf"fsync\(\d+<{re.escape(str(tmp_path))}/{ASIDE[way]}\)",
        rf'link(at)?\([^"]*("[^"]*"[^"]*)?"{folder}/{kept}\.file"',
        rf"fsync\(\d+<{folder}/{kept[:2]}>\)",
        rf"fsync\(\d+<{folder}>\)",
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


def test_we_flush_the_file_publish_it_flush_its_folders_then_write_its_row_then_answer(
    client, store, monkeypatch
):
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
    assert (
        done == whole + shorter + whole + whole
    )  # who finds a folder there does not know that it is durable
    shutil.rmtree(tmp_path / "files" / "ab")
    done.clear()
    here.save("ab/05", io.BytesIO(b"x"))
    assert done == whole


def flushes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is flushed and linked from now on, in order."""
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
