"""The S3 client: short timeouts, bounded retries, and a circuit breaker, because a person waits for each request.

Translate S3 errors into the errors of a file store.
"""

from __future__ import annotations

import threading
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilenceError

from portfolio.files.storage.store import KeyExists, KeyNotFound, StoreError, StoreFull, StoreUnavailable, TooLarge

_ABSENT = {"NoSuchKey", "NoSuchUpload", "NotFound", "404"}
# The bytes are not those of the digest that was said.
_ALTERED = {"BadDigest", "InvalidPart", "XAmzContentChecksumMismatch"}
_NO_ROOM = {"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"}
# The most that one request may carry.
_LARGEST = 5 * 1024**3


class Altered(StoreUnavailable):
    """The store has other bytes than it was told."""


@contextmanager
def translate_errors(key: str) -> Iterator[None]:
    """Turn what the client raises into KeyExists, KeyNotFound, StoreFull, TooLarge, or StoreUnavailable for
    all the rest.
    """
    try:
        yield
    except ClientError as error:
        raise _meaning(error, key) from error
    except (BotoCoreError, HTTPError) as error:
        raise StoreUnavailable(f"{key}: {type(error).__name__}") from error


def _meaning(error: ClientError, key: str) -> StoreError:
    code = str(error.response.get("Error", {}).get("Code", ""))
    if code in {"PreconditionFailed", "412"}:
        return KeyExists(key)
    if code in _ABSENT:
        return KeyNotFound(key)
    if code in _ALTERED:
        return Altered(f"{key}: {code}")
    if code in _NO_ROOM:
        return StoreFull(f"{key}: {code}")
    if code == "EntityTooLarge":
        return TooLarge(_LARGEST)
    return StoreUnavailable(f"{key}: {code}")


# For how long an S3 may be silent: when it is read; when it is given a file (each piece it takes, then its
# answer); and before it answers for a heavy one, which it writes and checks itself first.
SECONDS_TO_READ, SECONDS_TO_WRITE, SECONDS_FOR_HEAVY = 4.0, 8.0, 60.0
HEAVY_BYTES = 16 * 1024 * 1024
# Before a second try: a connection closed meanwhile, an answer lost.
_RETRY_AFTER_S = 0.2
# So many silences on end, and nobody waits for it any more, for so long.
_SILENCES, _REST = 2, 5.0
_CONNECTIONS = 32


def client(bucket: S3Settings, silence: float, answer: float | None = None) -> Any:
    """Answer a client that gives up after so many seconds of silence; `answer` if it may think longer once it
    has everything.
    """
    return boto3.client(
        "s3",
        endpoint_url=bucket.endpoint or None,
        region_name=bucket.region or None,
        aws_access_key_id=bucket.access_key or None,
        aws_secret_access_key=bucket.secret_key or None,
        config=ClientConfig(
            connect_timeout=silence,  # that of each piece sent, too
            read_timeout=answer or silence,
            retries={"mode": "standard", "total_max_attempts": 1},
            max_pool_connections=_CONNECTIONS,
            signature_version="s3v4",  # a presigned address bounds the length of what is sent
            # Our own SHA-256 is the judge; older compatible stores know no other checksum.
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if bucket.endpoint else "auto"},
        ),
    )


def in_base64(sha256: str) -> str:
    """Return a digest in hexadecimal as an S3 writes it."""
    return b64encode(bytes.fromhex(sha256)).decode()


class CircuitBreaker:
    """Asks one S3 from any thread, and remembers that it was silent: the next ones do not wait for it again."""

    def __init__(self) -> None:
        """Nothing was asked yet."""
        self._lock = threading.Lock()
        self._silences, self._until = 0, 0.0

    def call(self, key: str, ask: Callable[[], Any]) -> Any:
        """Answer what it answers, tried twice if it fails otherwise than by silence; raises what `observed` raises."""
        try:
            with self.observed(key):
                return ask()
        except StoreUnavailable as error:
            if error.__cause__ is None or _is_silence(error.__cause__):
                raise
        time.sleep(_RETRY_AFTER_S)
        with self.observed(key):
            return ask()

    @contextmanager
    def observed(self, key: str) -> Iterator[None]:
        """Turn what the client raises into what a store says, and count the silences; raises StoreUnavailable
        while it rests.
        """
        with self._lock:
            if time.monotonic() < self._until:
                raise StoreUnavailable(f"{key}: silent a moment ago")
        try:
            with translate_errors(key):
                yield
        except StoreUnavailable as error:
            if _is_silence(error.__cause__):
                self._note(1)
            raise
        self._note(0)

    def _note(self, silence: int) -> None:
        with self._lock:
            self._silences = self._silences + 1 if silence else 0
            if self._silences >= _SILENCES:
                self._silences, self._until = 0, time.monotonic() + _REST


def _is_silence(error: BaseException | None) -> bool:
    return isinstance(error, (ConnectTimeoutError, ReadTimeoutError, SilenceError))


@dataclass(frozen=True)
class S3Settings:
    """A bucket, the prefix of our files in it, and how to reach it; what is empty is found as AWS tools find it."""

    name: str
    prefix: str = ""
    endpoint: str = ""
    region: str = ""
    access_key: str = ""
    secret_key: str = field(default="", repr=False)

    def reached_by(self, endpoint: str) -> S3Settings:
        """Return the same bucket under another endpoint."""
        return replace(self, endpoint=endpoint)
