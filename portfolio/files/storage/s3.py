"""Files in a bucket of any S3 that honours `If-None-Match` and `x-amz-checksum-sha256`: the promises of the
local folder.

An object of S3 read as a file: what is asked for arrives as it is read, from any place of it.
"""

import io
from collections.abc import Callable, Collection, Hashable, Iterator
from contextlib import AbstractContextManager, suppress
from datetime import UTC, datetime
from functools import cache
from io import BufferedReader
from tempfile import TemporaryFile
from typing import IO, Any, BinaryIO, cast
from uuid import uuid4

from portfolio.files.storage.local import UnlinkedFile
from portfolio.files.storage.s3_client import (
    HEAVY_BYTES,
    SECONDS_FOR_HEAVY,
    SECONDS_TO_READ,
    SECONDS_TO_WRITE,
    CircuitBreaker,
    S3Settings,
    client,
    in_base64,
    translate_errors,
)
from portfolio.files.storage.store import (
    CHUNK_BYTES,
    SUFFIX,
    AdoptedFile,
    KeyExists,
    KeyNotFound,
    StoredFile,
    StoreUnavailable,
    TooLarge,
    checked_key,
    copy_and_hash,
    disk_full_as_store_full,
)


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
