"""The bucket stops answering: a sentence within a bounded time, nothing lost, and all goes on by itself when it is back."""

from __future__ import annotations

import hashlib
import os
import socket
import threading
import time
from pathlib import Path

import pytest

from config import Config
from portfolio.db import Database
from portfolio.kept_files import check_files, named_files
from portfolio.storage.place import store_for
from tests import factories, samples
from tests.faults.conftest import ALL
from tests.faults.running import Nursery, Server, Visitor
from tests.faults.test_killed_uploads import bucket_env

# The bound of portfolio/storage/s3: two tries of 3 s to connect or 20 s to be answered, and a breath between them.
BOUND = 50.0
AWAY = 30.0 if ALL else 4.0


@pytest.fixture
def place(object_server, sqlite_url, nursery: Nursery, tmp_path: Path):
    """A candidate at work, whose files are in a bucket."""
    db = Database(sqlite_url)
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
    store = store_for(Config.from_env(server.env))
    with db.reader() as session:
        named = list(named_files(session))
    assert {one.sha256 for one in named} == set(kept)
    assert check_files(store, db).ok


@pytest.mark.skipif(not ALL, reason="it waits for 40 seconds: FAULTS=all runs it")
def test_a_store_that_takes_and_never_answers_holds_nobody_longer_than_its_bound(sqlite_url, nursery, tmp_path, object_server):
    """A machine that is there and silent is worse than one that refuses: only our own clock ends the wait."""
    silent = socket.create_server(("127.0.0.1", 0))
    held: list[socket.socket] = []
    threading.Thread(target=lambda: hold(silent, held), daemon=True).start()
    db = Database(sqlite_url)
    with db.transaction() as session:
        world = factories.world(session, filled=False)
    env = bucket_env(object_server) | {"S3_ENDPOINT": f"http://127.0.0.1:{silent.getsockname()[1]}"}
    with Server(nursery, tmp_path, SECRET_KEY="faults", **env) as server:
        candidate = Visitor(server.port, patience=BOUND).log_in(world.candidate.email, factories.PASSWORD)
        path = f"/dossiers/{world.candidacy.id}/preuves/ajouter"
        answer = candidate.post(path, candidate.fields(path), {"files": ("plan.pdf", samples.pdf())})
    silent.close()
    for one in held:
        one.close()
    db.engine.dispose()
    assert answer.status == 503
    assert "Les fichiers ne sont pas accessibles en ce moment" in answer.page.text


def hold(silent: socket.socket, held: list[socket.socket]) -> None:
    while True:
        try:
            held.append(silent.accept()[0])
        except OSError:
            return
