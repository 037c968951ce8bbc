"""Partial uploads: a heavy file comes in parts, in any order, several at once, and is resumed after a cut.

Two places implement the protocol: a folder of this machine (storage/parts.py), and the multipart uploads of
an S3 (storage/s3_parts.py).
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID

from portfolio.files.storage.store import StoreError
from portfolio.files.uploads.running_digest import Range


class ChecksumMismatch(StoreError):  # noqa: N818
    """The bytes are not those that were announced: nothing of them is kept."""


class NotMissing(StoreError):  # noqa: N818
    """A part overlaps bytes that were received before."""


class NotWhole(StoreError):  # noqa: N818
    """Some bytes of the file were not received."""


@dataclass(frozen=True, slots=True)
class PartialUpload:
    """The identity of an upload, its announced size in bytes, and the name that the place gave it when it began.

    `digests` are the SHA-256 under which parts were sent to an S3, by number; None of an upload begun before they were
    kept.
    """

    id: UUID
    size: int
    place_name: str = ""
    digests: Mapping[str, str] | None = None


def key_of_upload(upload_id: UUID) -> str:
    """Return the key under which an S3 keeps the file that an upload becomes."""
    name = str(upload_id)
    return f"{name[:2]}/{name}"


# Keeps the SHA-256 of the part that begins there.
Note = Callable[[int, str], None]


class PartialUploads(Protocol):
    """The place of the unfinished uploads of this installation; every web process sees the same ones.

    A place across the network may raise StoreUnavailable from any of these.
    """

    # Bytes: the most that a part may have. Where parts are fixed, each but the last has this size and begins
    # at a multiple of it.
    part: int
    is_fixed: bool

    def begin(self, upload_id: UUID) -> str:
        """Begin an upload, and return the name that the place gives it."""

    def holds(self, upload: PartialUpload) -> bool:
        """Return whether the place still has what it acknowledged; else the upload begins again under
        another identity.
        """

    def received(self, upload: PartialUpload) -> tuple[Range, ...]:
        """Return the merged ranges of the bytes that were acknowledged."""

    def add(
        self,
        upload: PartialUpload,
        start: int,
        length: int,
        content: BinaryIO,
        sha256: str,
        note: Note = lambda _start, _sha256: None,
    ) -> tuple[Range, ...]:
        """Keep a part durably, and return what `received` returns; `note` hears its digest, where the place needs it
        again to make the whole.

        Raises ChecksumMismatch (another length or digest; an empty digest is not compared), NotMissing, StoreFull.
        """

    def direct(self, upload: PartialUpload) -> list[Range]:
        """Return the missing parts that the browser sends to the S3 by itself; none where every part
        comes through us.
        """

    def direct_address(self, upload: PartialUpload, start: int, sha256: str) -> str:
        """Return the presigned address of one of these parts, which takes the bytes of this digest only.

        Raises NotMissing for what is no such part.
        """

    def open_complete(self, upload: PartialUpload) -> BinaryIO:
        """Return the whole file, hashed, to be given to the store and closed by the caller; raises NotWhole,
        ChecksumMismatch.
        """

    def release(self, upload: PartialUpload) -> None:
        """Remove what is left of an upload whose file the store keeps."""

    def discard(self, upload: PartialUpload) -> None:
        """Remove an upload that no file will come of; only the caller that deleted its row may do so."""

    def sweep(self, kept: Collection[UUID], older_than: datetime) -> int:
        """Remove what no row names and was last written before this moment; return how many uploads."""
