"""Files in a bucket of any S3 that honours `If-None-Match` and `x-amz-checksum-sha256`: the promises of the
local folder.

An object of S3 read as a file: what is asked for arrives as it is read, from any place of it.
"""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from io import BufferedReader
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from uuid import uuid4

import boto3
from botocore.config import Config as ClientConfig
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, ReadTimeoutError
from urllib3.exceptions import HTTPError
from urllib3.exceptions import TimeoutError as SilenceError

from portfolio.files.storage.bucket import S3Settings, in_base64
from portfolio.files.storage.local import UnlinkedFile
from portfolio.files.storage.store import (
    CHUNK_BYTES,
    SUFFIX,
    AdoptedFile,
    KeyExists,
    KeyNotFound,
    StoredFile,
    StoreError,
    StoreFull,
    StoreUnavailable,
    TooLarge,
    checked_key,
    copy_and_hash,
    disk_full_as_store_full,
)

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


class Content(io.RawIOBase):
    """The bytes of a kept object. It was never overwritten, so that two requests read the same one."""

    def __init__(
        self,
        key: str,
        ask: Callable[[int], Any],
        observed: Callable[[str], AbstractContextManager[None]] = translate_errors,
    ) -> None:
        """`ask` answers the object from a place of it on; it is asked at once, so that an absent one is told at once.

        `observed` turns what reading raises into what a store says.
        """
        super().__init__()
        answer = ask(0)
        self._key, self._ask, self._observed, self._place = key, ask, observed, 0
        self._body, self._size = answer["Body"], int(answer["ContentLength"])

    def readable(self) -> bool:
        """It is read."""
        return True

    def seekable(self) -> bool:
        """It is read from any place."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place; nothing is asked of the store before the next reading."""
        place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        if place < 0:
            raise ValueError("a place before the beginning")
        if place != self._place:
            self._let_go()
            self._place = place
        return place

    def tell(self) -> int:
        """Say the place."""
        return self._place

    def readinto(self, buffer: Any, /) -> int:
        """Read the next bytes; raises StoreUnavailable when the store stops answering before the end."""
        if self._place >= self._size:
            return 0
        if self._body is None:
            self._body = self._ask(self._place)["Body"]
        with self._observed(self._key):
            chunk = self._body.read(len(buffer))
        if not chunk:
            raise StoreUnavailable(f"{self._key}: cut at {self._place} of {self._size} bytes")
        buffer[: len(chunk)] = chunk
        self._place += len(chunk)
        return len(chunk)

    def close(self) -> None:
        """Let the connection go, whatever is left to read."""
        self._let_go()
        super().close()

    def _let_go(self) -> None:
        body, self._body = getattr(self, "_body", None), None
        if body is not None:
            body.close()


class S3Store:
    """A FileStore over one bucket, under a prefix; nobody reads it but through the application."""

    def __init__(self, bucket: S3Settings) -> None:
        """Use this bucket, which exists; nothing is asked of it yet."""
        self._bucket, self._prefix = bucket.name, bucket.prefix and bucket.prefix + "/"
        self._breaker = CircuitBreaker()
        self._reader: Any = client(bucket, SECONDS_TO_READ)
        self._writer: Any = client(bucket, SECONDS_TO_WRITE)
        self._heavy = cache(lambda: client(bucket, SECONDS_TO_WRITE, SECONDS_FOR_HEAVY))

    def prefetch(self, content: BinaryIO) -> None:
        """Nothing can be sent before it has been looked at."""

    def save(self, key: str, content: BinaryIO, limit: int | None = None) -> StoredFile:
        """Keep the content under this key, in one request that the store refuses if it holds the key or got
        other bytes.

        The content waits in a nameless temporary file, hashed as it comes, so that its SHA-256 travels before
        it. Raises KeyExists, TooLarge (limit in bytes), StoreFull, StoreUnavailable, InvalidKey, and whatever
        reading the content raises. After StoreUnavailable the file may be there all the same, under a key
        that nothing names: a sweep removes it.
        """
        if isinstance(content, AdoptedFile):
            if limit is not None and content.size > limit:
                raise TooLarge(limit)
            return StoredFile(content.key, content.size, content.sha256)
        name = self._name(key)
        if isinstance(content, UnlinkedFile):
            if limit is not None and content.size > limit:
                raise TooLarge(limit)
            self._send(name, key, content, content.size, content.sha256)
            return StoredFile(key, content.size, content.sha256)
        with disk_full_as_store_full(), TemporaryFile() as file:
            size, sha256 = copy_and_hash(content, file, limit)
            self._send(name, key, file, size, sha256)
        return StoredFile(key, size, sha256)

    def open(self, key: str) -> BinaryIO:
        """Return the kept content, to be closed by the caller; it can be read from any place of it.

        Raises KeyNotFound, StoreUnavailable, InvalidKey; reading it raises StoreUnavailable when the store
        stops answering.
        """
        name = self._name(key)

        def ask(place: int) -> Any:
            more = {"Range": f"bytes={place}-"} if place else {}
            return self._breaker.call(key, lambda: self._reader.get_object(Bucket=self._bucket, Key=name, **more))

        return cast(BinaryIO, BufferedReader(Content(key, ask, self._breaker.observed), CHUNK_BYTES))

    def exists(self, key: str) -> bool:
        """Return whether a file is kept under this key; raises StoreUnavailable, InvalidKey."""
        try:
            self._head(key)
        except KeyNotFound:
            return False
        return True

    def size(self, key: str) -> int:
        """Return the size in bytes of a kept file; raises KeyNotFound, StoreUnavailable, InvalidKey."""
        size: int = self._head(key)["ContentLength"]
        return size

    def stored_at(self, key: str) -> datetime:
        """Return the moment a file was kept, in UTC; raises KeyNotFound, StoreUnavailable, InvalidKey."""
        moment: datetime = self._head(key)["LastModified"]
        return moment.astimezone(UTC)

    def state(self, key: str) -> Hashable:
        """Return what changes whenever the kept file does, without reading it; raises KeyNotFound,
        StoreUnavailable, InvalidKey.
        """
        found = self._head(key)
        return (found["ETag"], found.get("VersionId"), found["ContentLength"], found["LastModified"])

    def delete(self, key: str) -> None:
        """Forget a file, with every version of it where the bucket keeps versions.

        Raises StoreUnavailable, InvalidKey.
        """
        name = self._name(key)
        with suppress(KeyNotFound):
            answer = self._breaker.call(key, lambda: self._reader.delete_object(Bucket=self._bucket, Key=name))
            if answer.get("DeleteMarker") or answer.get("VersionId"):
                self._delete_versions(key, name)

    def _delete_versions(self, key: str, name: str) -> None:
        """Delete every version of an object and every mark of its deletion: a deletion alone only hides them."""
        pages = self._reader.get_paginator("list_object_versions").paginate(Bucket=self._bucket, Prefix=name)
        with self._breaker.observed(key):
            found = [
                version for page in pages for version in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
            ]
        for version in found:
            if version["Key"] == name:
                self._delete_version(key, name, version["VersionId"])

    def _delete_version(self, key: str, name: str, version: str) -> None:
        with suppress(KeyNotFound):
            self._breaker.call(
                key, lambda: self._reader.delete_object(Bucket=self._bucket, Key=name, VersionId=version)
            )

    def keys(self) -> Iterator[str]:
        """Answer every kept key, once each, a thousand at a time in memory; raises StoreUnavailable."""
        for found in self._listed("list_objects_v2", "Contents"):
            if found["Key"].endswith(SUFFIX):
                yield found["Key"].removeprefix(self._prefix).removesuffix(SUFFIX)

    def sweep(self, older_than: datetime, spared: Collection[str] = ()) -> int:
        """Give up the multipart uploads begun before this moment and never ended, and answer how many there were.

        Those under the spared keys are resumable uploads (storage/s3_parts.py) that are waited for.
        """
        names = {self._name(key) for key in spared}
        found = self._listed("list_multipart_uploads", "Uploads")
        abandoned = [upload for upload in found if upload["Initiated"] < older_than and upload["Key"] not in names]
        for upload in abandoned:
            with self._breaker.observed(upload["Key"]):
                self._writer.abort_multipart_upload(Bucket=self._bucket, Key=upload["Key"], UploadId=upload["UploadId"])
        return len(abandoned)

    def _name(self, key: str) -> str:
        return self._prefix + checked_key(key) + SUFFIX

    def _head(self, key: str) -> Any:
        name = self._name(key)
        return self._breaker.call(key, lambda: self._reader.head_object(Bucket=self._bucket, Key=name))

    def _listed(self, operation: str, part: str) -> Iterator[Any]:
        pages = iter(self._writer.get_paginator(operation).paginate(Bucket=self._bucket, Prefix=self._prefix))
        while True:
            with self._breaker.observed(self._prefix):
                page = next(pages, None)
            if page is None:
                return
            yield from page.get(part, ())

    def _send(self, name: str, key: str, file: IO[bytes], size: int, sha256: str) -> None:
        checksum, mark = in_base64(sha256), uuid4().hex
        writer = self._heavy() if size > HEAVY_BYTES else self._writer

        def put() -> Any:
            file.seek(0)
            return writer.put_object(
                Bucket=self._bucket,
                Key=name,
                Body=file,
                IfNoneMatch="*",
                ChecksumSHA256=checksum,
                ContentType="application/octet-stream",
                Metadata={"sending": mark},
            )

        try:
            response = self._breaker.call(key, put)
        except KeyExists:
            # An answer lost on the way makes us send again: what then stands in its way may be its own first
            # sending.
            if self._head(key).get("Metadata", {}).get("sending") != mark:
                raise
            return
        if response.get("ChecksumSHA256", checksum) != checksum:
            raise StoreUnavailable(f"{key}: the store says it got other bytes")
