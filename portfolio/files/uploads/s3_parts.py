"""Partial uploads as multipart uploads of an S3: every machine sees them, and browsers may send their parts
straight to it.

A whole upload is completed under its final key, then read back once: our own SHA-256 is computed on what the
store really keeps.
"""

import hashlib
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import Any, BinaryIO
from uuid import UUID

from portfolio.files.storage.bucket import S3Settings, in_base64
from portfolio.files.storage.s3 import SECONDS_FOR_HEAVY, SECONDS_TO_WRITE, Altered, CircuitBreaker, client
from portfolio.files.storage.store import CHUNK_BYTES, SUFFIX, AdoptedFile, KeyNotFound, disk_full_as_store_full
from portfolio.files.uploads.partial import ChecksumMismatch, Note, NotMissing, NotWhole, PartialUpload, key_of_upload
from portfolio.files.uploads.running_digest import Range, merged, missing

# Bytes: an S3 takes no smaller part than 5 MiB, but the last one.
PART = 8 * 1024 * 1024
# Seconds during which a browser may use a presigned address; it asks for new ones later.
_SIGNED_FOR = 3600
# What completes an upload names of each part, beside its digest.
_OF_PART = ("PartNumber", "ETag")
# Ranges that are read back at the same time.
_READ_AT_ONCE = 3


class S3Parts:
    """The multipart uploads of one bucket."""

    part, is_fixed = PART, True

    def __init__(self, bucket: S3Settings, browser_endpoint: str = "") -> None:
        """Use this bucket; with an endpoint that browsers reach, they send their parts to it."""
        self._bucket, self._prefix = bucket.name, bucket.prefix and bucket.prefix + "/"
        self._breaker = CircuitBreaker()
        self._client: Any = client(bucket, SECONDS_TO_WRITE, SECONDS_FOR_HEAVY)
        self._signer: Any = client(bucket.reached_by(browser_endpoint), SECONDS_TO_WRITE) if browser_endpoint else None

    def begin(self, upload_id: UUID) -> str:
        """Begin a multipart upload under the key of the file it will be."""
        where = {"Bucket": self._bucket, "Key": self._name(upload_id)}
        kind = "application/octet-stream"
        begun = self._asked(
            upload_id,
            # An S3 takes the digest of a part only if the upload said that there would be one.
            lambda: self._client.create_multipart_upload(**where, ContentType=kind, ChecksumAlgorithm="SHA256"),
        )
        name: str = begun["UploadId"]
        return name

    def holds(self, upload: PartialUpload) -> bool:
        """Return whether the multipart upload, or the file it became, is in the bucket."""
        return self._listed(upload) is not None or self._is_complete(upload)

    def received(self, upload: PartialUpload) -> tuple[Range, ...]:
        """Return the ranges of the parts of the right size; all of them once the upload was completed."""
        listed = self._listed(upload)
        if listed is None:
            return ((0, upload.size),) if self._is_complete(upload) else ()
        return merged(_range(part["PartNumber"], upload.size) for part in listed)

    def add(
        self,
        upload: PartialUpload,
        start: int,
        length: int,
        content: BinaryIO,
        sha256: str,
        note: Note = lambda _start, _sha256: None,
    ) -> tuple[Range, ...]:
        """Hand one part over to the bucket, once it is the one that was announced; sent twice, the last one counts."""
        if (start, start + length) != _range(start // PART + 1, upload.size):
            raise NotMissing(str(upload.id))
        with _spooled(content, length, sha256) as (body, digest):
            note(start, digest)
            self._send(upload, start // PART + 1, length, body, digest)
        return self.received(upload)

    def direct(self, upload: PartialUpload) -> list[Range]:
        """Return the missing parts, where browsers reach the bucket."""
        if self._signer is None or upload.digests is None:
            return []
        numbers = {part["PartNumber"] for part in self._listed(upload) or ()}
        count = -(-upload.size // PART)
        return [_range(number, upload.size) for number in range(1, count + 1) if number not in numbers]

    def direct_address(self, upload: PartialUpload, start: int, sha256: str) -> str:
        """Return a presigned address bound to the length and to the SHA-256 of one part: the bucket refuses
        any other bytes.
        """
        number, given = start // PART + 1, self._place(upload)
        if self._signer is None or upload.digests is None or start % PART or not 0 <= start < upload.size:
            raise NotMissing(str(upload.id))
        end = _range(number, upload.size)[1]
        given |= {"PartNumber": number, "ContentLength": end - start, "ChecksumSHA256": in_base64(sha256)}
        address: str = self._signer.generate_presigned_url("upload_part", given, ExpiresIn=_SIGNED_FOR)
        return address

    def open_complete(self, upload: PartialUpload) -> AdoptedFile:
        """Complete the upload if need be, and return what the bucket keeps, read back into a nameless
        file and hashed.
        """
        listed = self._listed(upload)
        if listed is not None:
            if missing(merged(_range(part["PartNumber"], upload.size) for part in listed), upload.size):
                raise NotWhole(str(upload.id))
            self._complete(upload, listed)
        elif not self._is_complete(upload):
            raise NotWhole(str(upload.id))
        file = TemporaryFile()  # noqa: SIM115 - closed by the caller
        try:
            with disk_full_as_store_full():
                digest = self._read_back(upload, file.fileno())
            return AdoptedFile(os.dup(file.fileno()), upload.size, digest, key_of_upload(upload.id))
        finally:
            file.close()

    def release(self, upload: PartialUpload) -> None:
        """Do nothing: the completed object is the kept file."""

    def discard(self, upload: PartialUpload) -> None:
        """Abort the upload, and remove the object it may have become."""
        where = {"Bucket": self._bucket, "Key": self._name(upload.id)}
        try:
            self._asked(upload.id, lambda: self._client.abort_multipart_upload(**where, UploadId=upload.place_name))
        except KeyNotFound:
            self._asked(upload.id, lambda: self._client.delete_object(**where))

    def sweep(self, kept: Collection[UUID], older_than: datetime) -> int:  # noqa: ARG002
        """Remove nothing: the sweep of the store aborts the multipart uploads that no row names."""
        return 0

    def _name(self, upload_id: UUID) -> str:
        return self._prefix + key_of_upload(upload_id) + SUFFIX

    def _asked(self, upload_id: UUID, ask: Callable[[], Any]) -> Any:
        return self._breaker.call(str(upload_id), ask)

    def _place(self, upload: PartialUpload) -> dict[str, Any]:
        return {"Bucket": self._bucket, "Key": self._name(upload.id), "UploadId": upload.place_name}

    def _listed(self, upload: PartialUpload) -> list[dict[str, Any]] | None:
        """Return the number and the tag of each part of the right size; None when there is no such
        upload, or no more.
        """
        where, found = self._place(upload), list[dict[str, Any]]()
        after = 0
        try:
            while True:
                page = self._asked(upload.id, partial(self._client.list_parts, **where, PartNumberMarker=after))
                found += [
                    {name: part[name] for name in _OF_PART if name in part}
                    for part in page.get("Parts", ())
                    if _is_sound(part, upload.size)
                ]
                if not page.get("IsTruncated"):
                    return found
                after = int(page["NextPartNumberMarker"])
        except KeyNotFound:
            return None

    def _is_complete(self, upload: PartialUpload) -> bool:
        try:
            found = self._asked(
                upload.id, lambda: self._client.head_object(Bucket=self._bucket, Key=self._name(upload.id))
            )
        except KeyNotFound:
            return False
        return bool(found["ContentLength"] == upload.size)

    def _send(self, upload: PartialUpload, number: int, length: int, body: BinaryIO, sha256: str) -> None:
        where = self._place(upload) | {"PartNumber": number}
        if upload.digests is not None:
            where |= {"ChecksumSHA256": in_base64(sha256)}

        def put() -> None:
            body.seek(0)
            self._client.upload_part(**where, Body=body, ContentLength=length)

        try:
            self._asked(upload.id, put)
        except KeyNotFound as error:
            raise NotMissing(str(upload.id)) from error

    def _complete(self, upload: PartialUpload, listed: list[dict[str, Any]]) -> None:
        where, digests = self._place(upload), upload.digests or {}
        for part in listed:
            if (number := str(part["PartNumber"])) in digests:
                part["ChecksumSHA256"] = in_base64(digests[number])
        try:
            self._asked(
                upload.id, lambda: self._client.complete_multipart_upload(**where, MultipartUpload={"Parts": listed})
            )
        except Altered as error:
            raise ChecksumMismatch(str(upload.id)) from error
        except KeyNotFound as error:
            if not self._is_complete(upload):  # neither an answer that was lost, nor another request that completed it
                raise NotWhole(str(upload.id)) from error

    def _read_back(self, upload: PartialUpload, file: int) -> str:
        digest = hashlib.sha256()
        ranges = [_range(number, upload.size) for number in range(1, -(-upload.size // PART) + 1)]
        with ThreadPoolExecutor(_READ_AT_ONCE, "read-back") as pool:
            for (start, end), _ in zip(
                ranges, pool.map(lambda byte_range: self._read_range(upload, file, *byte_range), ranges), strict=True
            ):
                for place in range(start, end, CHUNK_BYTES):
                    digest.update(os.pread(file, min(CHUNK_BYTES, end - place), place))
        return digest.hexdigest()

    def _read_range(self, upload: PartialUpload, file: int, start: int, end: int) -> None:
        where = {"Bucket": self._bucket, "Key": self._name(upload.id), "Range": f"bytes={start}-{end - 1}"}
        body = self._asked(upload.id, lambda: self._client.get_object(**where))["Body"]
        with self._breaker.observed(str(upload.id)):
            place = start
            while piece := body.read(CHUNK_BYTES):
                place += os.pwrite(file, piece, place)
        if place != end:
            raise ChecksumMismatch(f"{upload.id}: {place - start} bytes read back of {end - start}")


@contextmanager
def _spooled(content: BinaryIO, length: int, sha256: str) -> Iterator[tuple[Any, str]]:
    """Lend a part as a file that can be read twice, with its digest; raises ChecksumMismatch for another
    length or digest than announced.
    """
    digest, size = hashlib.sha256(), 0
    with TemporaryFile() as file:
        with disk_full_as_store_full():
            for piece in _pieces(content, length):
                digest.update(piece)
                size += file.write(piece)
            file.flush()
        if size != length or sha256 not in {"", digest.hexdigest()}:
            raise ChecksumMismatch(f"{size} bytes, {digest.hexdigest()}")
        yield file, digest.hexdigest()


def _pieces(content: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (piece := content.read(min(CHUNK_BYTES, length))):
        length -= len(piece)
        yield piece


def _range(number: int, size: int) -> Range:
    return (number - 1) * PART, min(number * PART, size)


def _is_sound(part: Any, size: int) -> bool:
    start, end = _range(part["PartNumber"], size)
    return bool(part["Size"] == end - start)
