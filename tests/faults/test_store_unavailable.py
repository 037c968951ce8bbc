"""The bucket stops answering: a sentence within a bounded time, nothing lost, and all goes on by itself when
it is back.
"""

import hashlib
import io
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from config import Config
from portfolio.files.integrity.references import check_files, file_references
from portfolio.files.storage import s3
from portfolio.files.storage.s3 import SECONDS_TO_READ, SECONDS_TO_WRITE, S3Store
from portfolio.files.storage.store import StoreUnavailable, new_key
from portfolio.files.uploads.factory import create_store
from portfolio.on_commit import open_database
from tests import factories, samples
from tests.faults.running import Nursery, Server, Visitor
from tests.faults.test_killed_uploads import bucket_env
from tests.thoroughness import EXHAUSTIVE

pytestmark = pytest.mark.slow

# The bound of portfolio/files/storage/s3_client, with the time that a busy machine takes around them.
BOUND = 12.0
AWAY = 30.0 if EXHAUSTIVE else 2.0


@pytest.fixture
def place(object_server, sqlite_url, nursery: Nursery, tmp_path: Path):
    """A candidate at work, whose files are in a bucket."""
    db = open_database(sqlite_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    server = Server(nursery, tmp_path, SECRET_KEY="faults", **bucket_env(object_server))
    with server:
        candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)
        path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"

        def send(content: bytes):
            began = time.monotonic()
            answer = candidate.post(path, candidate.fields(path), {"files": ("plan.pdf", content)})
            return answer, time.monotonic() - began

        yield server, db, candidate, send, f"/dossiers/{world.candidacy.id}/preuves"
    db.engine.dispose()


def test_a_store_away_for_a_while_is_told_loses_nothing_and_is_used_again(place, object_server):
    server, db, candidate, send, pieces = place
    kept = {}
    answer, _ = send(content := samples.pdf() + os.urandom(400_000))
    assert answer.status == 303
    kept[hashlib.sha256(content).hexdigest()] = content
    object_server.stop()
    try:
        until, refused = time.monotonic() + AWAY, 0
        while time.monotonic() < until:
            answer, took = send(samples.pdf() + os.urandom(400_000))
            assert answer.status == 503
            assert "Les fichiers ne sont pas accessibles en ce moment" in answer.page.text
            assert took < BOUND
            began = time.monotonic()
            assert candidate.get(pieces).status == 200, "the rest is read meanwhile"
            assert time.monotonic() - began < 5
            refused += 1
            time.sleep(0.5)
    finally:
        object_server.start()
    assert refused
    answer, _ = send(content := samples.pdf() + os.urandom(400_000))
    assert answer.status == 303
    kept[hashlib.sha256(content).hexdigest()] = content
    store = create_store(Config.from_env(server.env))
    with db.reader() as session:
        named = list(file_references(session))
    assert {file_reference.sha256 for file_reference in named} == set(kept)
    assert check_files(store, db).ok


@pytest.mark.skipif(not EXHAUSTIVE, reason="it waits for twenty seconds: TESTS=exhaustive runs it")
def test_a_store_that_takes_and_never_answers_holds_nobody_longer_than_its_bound(
    sqlite_url, nursery, tmp_path, object_server
):
    """A machine that is there and silent is worse than one that refuses: only our own clock ends the wait."""
    db = open_database(sqlite_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
    said = "Les fichiers ne sont pas accessibles en ce moment"
    with silent() as port:
        env = bucket_env(object_server) | {"S3_ENDPOINT": f"http://127.0.0.1:{port}"}
        with Server(nursery, tmp_path, SECRET_KEY="faults", **env) as server:
            candidate = Visitor(server.port).log_in(world.candidate.email, factories.PASSWORD)

            def send() -> float:
                form, began = candidate.fields(path), time.monotonic()
                answer = candidate.post(path, form, {"files": ("plan.pdf", samples.pdf())})
                took = time.monotonic() - began
                assert answer.status == 503
                assert said in answer.page.text
                return took

            first, second, third = send(), send(), send()
    db.engine.dispose()
    print(f"silent: {first:.1f} s, then {second:.1f} s, then {third:.1f} s")
    assert first < BOUND
    assert third < second, "silent twice on end: the next one does not wait for it"


def test_our_own_clock_ends_the_wait_for_a_silent_store_then_nobody_waits_for_it(object_server, monkeypatch):
    assert SECONDS_TO_READ <= 5
    assert SECONDS_TO_WRITE + 1 <= 10, "and a second before the body, in which a store may say that it wants it"
    for name in ("SECONDS_TO_READ", "SECONDS_TO_WRITE"):
        monkeypatch.setattr(s3, name, 0.5)
    with silent() as port:
        store = S3Store(replace(object_server.bucket("tests"), endpoint=f"http://127.0.0.1:{port}"))
        took = []
        for ask in (lambda: store.save(new_key(), io.BytesIO(b"x")), *[lambda: store.open(new_key())] * 2):
            began = time.monotonic()
            with pytest.raises(StoreUnavailable):
                ask()
            took.append(time.monotonic() - began)
    assert min(took[:2]) >= 0.5 > took[2], "silent twice on end: the next one does not wait for it"


@contextmanager
def silent() -> Iterator[int]:
    """A machine that takes every connection and says nothing: its port."""
    door, held = socket.create_server(("127.0.0.1", 0)), list[socket.socket]()
    threading.Thread(target=lambda: hold(door, held), daemon=True).start()
    yield door.getsockname()[1]
    for one in (door, *held):
        one.close()


def hold(silent: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            held.append(silent.accept()[0])
        except OSError:
            return
