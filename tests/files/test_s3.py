"""Check what is particular to a bucket: a server that stops answering, answers that get lost, what other tools
leave.
"""

import base64
import hashlib
import io
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from portfolio.files.storage.s3 import S3Store
from portfolio.files.storage.store import KeyNotFound, StoreUnavailable, new_key
from portfolio.files.uploads.factory import create_store
from tests.applications import config_for
from tests.object_store import ObjectServer
from tools.cluster.services import BUCKET


@pytest.fixture
def prefix() -> str:
    return f"tests/{uuid4().hex}"


@pytest.fixture
def store(object_server: ObjectServer, prefix: str) -> S3Store:
    return S3Store(object_server.bucket(prefix))


def test_the_store_checked_the_digest_that_we_computed(store, object_server, prefix):
    content = os.urandom(300_000)
    kept = store.save("ab/cd", io.BytesIO(content))
    seen = object_server.client.head_object(Bucket=BUCKET, Key=f"{prefix}/ab/cd.file", ChecksumMode="ENABLED")
    assert base64.b64decode(seen["ChecksumSHA256"]).hex() == kept.sha256 == hashlib.sha256(content).hexdigest()


def test_two_prefixes_of_one_bucket_see_nothing_of_each_other(store, object_server, prefix):
    store.save("ab/cd", io.BytesIO(b"x"))
    neighbour = S3Store(object_server.bucket(f"{prefix}-bis"))
    assert list(neighbour.keys()) == []
    assert list(store.keys()) == ["ab/cd"]


@pytest.mark.slow
def test_a_store_that_stops_answering_is_told_then_goes_on_by_itself(store, object_server):
    key, content = new_key(), os.urandom(20_000_000)
    store.save(key, io.BytesIO(content))
    with store.open(key) as half_read:
        half_read.read(100)
        object_server.stop()
        with pytest.raises(StoreUnavailable):
            half_read.read()
        half_read.seek(0)
        with pytest.raises(StoreUnavailable):
            half_read.read(1)
    for ask in (store.open, store.exists, store.size, store.stored_at, store.delete, lambda key: list(store.keys())):
        with pytest.raises(StoreUnavailable):
            ask(key)
    with pytest.raises(StoreUnavailable):
        store.save(new_key(), io.BytesIO(b"x"))
    object_server.start()
    with store.open(key) as again:
        assert hashlib.sha256(again.read()).digest() == hashlib.sha256(content).digest()
    assert list(store.keys()) == [key]
    assert store.save(new_key(), io.BytesIO(b"x")).size == 1


def test_a_bucket_that_does_not_exist_or_does_not_know_us_is_told(object_server):
    for changed in ({"name": "absent"}, {"secret_key": "another"}):
        store = S3Store(replace(object_server.bucket("tests"), **changed))
        with pytest.raises(StoreUnavailable):
            store.save(new_key(), io.BytesIO(b"x"))
        with pytest.raises(StoreUnavailable):
            store.open(new_key())
        with pytest.raises(StoreUnavailable):
            list(store.keys())


def test_the_sweep_gives_up_the_sendings_in_parts_that_never_ended(store, object_server, prefix):
    begin = object_server.client.create_multipart_upload
    begin(Bucket=BUCKET, Key=f"{prefix}/ab.file")
    begin(Bucket=BUCKET, Key=f"{prefix}-bis/ab.file")
    store.save("ab/cd", io.BytesIO(b"x"))
    now = datetime.now(UTC)
    assert store.sweep(now - timedelta(days=1)) == 0
    assert store.sweep(now + timedelta(minutes=1)) == 1
    assert store.sweep(now + timedelta(minutes=1)) == 0
    assert list(store.keys()) == ["ab/cd"]


def test_the_settings_name_the_bucket(object_server, prefix, tmp_path):
    bucket = object_server.bucket(prefix)
    config = config_for("sqlite://", tmp_path).with_changes(
        files_url=f"s3://{BUCKET}/{prefix}/",
        s3_endpoint=bucket.endpoint,
        s3_region=bucket.region,
        s3_access_key=bucket.access_key,
        s3_secret_key=bucket.secret_key,
    )
    create_store(config).save("ab/cd", io.BytesIO(b"x"))
    assert list(S3Store(bucket).keys()) == ["ab/cd"]
    assert bucket.secret_key not in repr(config) + repr(bucket)
    for wrong in ("s3://", "https://exemple.fr/files", "files"):
        with pytest.raises(ValueError, match="s3://bucket/prefix"):
            create_store(config.with_changes(files_url=wrong))


class LossyRelay:
    """Stands before the store, and loses the answers of the first connection: the work is done, nobody is told."""

    def __init__(self, port: int) -> None:
        self._target = ("127.0.0.1", port)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self.connections = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listening.accept()
                far = socket.create_connection(self._target)
                self.connections += 1
                threading.Thread(target=self._pass, args=(near, far, False), daemon=True).start()
                threading.Thread(target=self._pass, args=(far, near, self.connections == 1), daemon=True).start()

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, loses: bool) -> None:
        with suppress(OSError), source, target:
            while data := source.recv(65536):
                if not loses:
                    target.sendall(data)
                elif b"200 OK" in data:
                    break
            target.shutdown(socket.SHUT_RDWR)


@pytest.fixture
def relay(object_server: ObjectServer) -> Iterator[LossyRelay]:
    made = LossyRelay(object_server.ports["s3.port"])
    yield made
    made.close()


def test_a_file_sent_again_because_its_answer_was_lost_is_not_taken_for_another_one(relay, object_server, prefix):
    store = S3Store(replace(object_server.bucket(prefix), endpoint=relay.endpoint))
    content = os.urandom(50_000)
    assert store.save("ab/cd", io.BytesIO(content)).size == 50_000
    assert relay.connections > 1
    with store.open("ab/cd") as file:
        assert file.read() == content
    with pytest.raises(KeyNotFound):
        store.open("ab/ce")
