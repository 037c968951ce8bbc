"""Ask a limited child what a copy of a file must not carry; this process never reads what is inside the
file.
"""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from portfolio.files.file_types.types import ActiveContent, FileType
from portfolio.files.metadata_removal.byte_edits import ByteEdit, CannotClean, apply_edits, edits_from_json
from portfolio.files.sandbox.limits import READY
from portfolio.files.sandbox.output_reader import ChildOutput, sandboxed_output
from portfolio.files.sandbox.process import as_file_descriptor, run_sandboxed, timed_out
from portfolio.files.storage.store import CHUNK_BYTES
from portfolio.files.storage.stream_copy import disk_full_as_store_full

_log = logging.getLogger(__name__)

_MAIN = "portfolio.files.metadata_removal.child_main"
# Cameras and recorders write where they were in these; the list of what the child can look into.
LOCATED = frozenset(
    {
        FileType.JPEG,
        FileType.PNG,
        FileType.WEBP,
        FileType.GIF,
        FileType.TIFF,
        FileType.HEIC,
        FileType.AVIF,
        FileType.MP4,
        FileType.MOV,
        FileType.WEBM,
        FileType.M4A,
        FileType.MP3,
        FileType.WAV,
        FileType.OGG,
    }
)
# Documents that may hold photographs, or what acts by itself: looked into when someone takes one away, for
# few do and most tell nothing. What they tell is written over where it stands, or the whole document is put
# together again.
_WRITTEN_OVER = frozenset({FileType.DOC, FileType.XLS, FileType.PPT, FileType.MSG})
_REMADE = frozenset(
    {
        FileType.DOCX,
        FileType.XLSX,
        FileType.PPTX,
        FileType.ODT,
        FileType.ODS,
        FileType.ODP,
        FileType.ODG,
        FileType.EML,
        FileType.RTF,
        FileType.PDF,
    }
)
HOLDING = _WRITTEN_OVER | _REMADE
# Documents in which something may act by itself, and is accepted: a program is refused when it comes.
ACTING = frozenset({FileType.PDF, FileType.RTF})
_MAX_ANNOUNCED_BYTES = 400
_SECONDS, _BYTES_A_SECOND = 10, 50_000_000
_MAX_ANSWER_BYTES = 8_000_000
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class ScanUnavailable(Exception):  # noqa: N818 - our own fault, told in the log
    """The child could not run."""


def geotaggable_type(mime: str) -> FileType | None:
    """Return the kind of file that has this media type, if it may tell where it was made."""
    return next((file_type for file_type in LOCATED if file_type.mime == mime), None)


def container_type(mime: str) -> FileType | None:
    """Return the kind of document that has this media type, if it may hold photographs."""
    return next((file_type for file_type in HOLDING if file_type.mime == mime), None)


@contextmanager
def open_without_location(content: BinaryIO, kind: FileType, size: int) -> Iterator[BinaryIO | None]:
    """Lend a copy of a file that tells no place, nor the photographs it holds, and in which nothing acts by
    itself; None when it is so already.

    Raises CannotClean when that cannot be known for sure, ScanUnavailable when the child could not run,
    StoreFull.
    """
    with TemporaryFile() as copy:
        made = _received if kind in _REMADE else _cut
        with _children:
            changed = made(content, size, kind, copy)
        copy.seek(0)
        yield cast(BinaryIO, copy) if changed else None


def _cut(content: BinaryIO, size: int, kind: FileType, copy: IO[bytes]) -> bool:
    cuts = scan(content, kind, size)
    content.seek(0)
    with disk_full_as_store_full():
        for piece in apply_edits(content, cuts) if cuts else ():
            copy.write(piece)
    return bool(cuts)


def _received(content: BinaryIO, size: int, kind: FileType, copy: IO[bytes]) -> bool:
    """Take the copy that the child makes, piece by piece; answer whether there is one."""
    seconds = _SECONDS + size // _BYTES_A_SECOND
    with as_file_descriptor(content) as file, sandboxed_output(_MAIN, file, seconds, kind.value) as answer:
        length, _ = _announced(answer, size)
        for place in range(0, length, CHUNK_BYTES):
            piece = answer.bytes(min(CHUNK_BYTES, length - place))
            if piece is None:
                raise CannotClean
            with disk_full_as_store_full():
                copy.write(piece)
    return length > 0


def find_active_content(content: BinaryIO, kind: FileType, size: int) -> frozenset[ActiveContent]:
    """Return what acts by itself in a document: the copies that others receive do without it.

    Raises CannotClean when that cannot be known for sure, ScanUnavailable when the child could not run.
    """
    if kind not in ACTING:
        return frozenset()
    seconds = _SECONDS + size // _BYTES_A_SECOND
    with (
        as_file_descriptor(content) as file,
        _children,
        sandboxed_output(_MAIN, file, seconds, kind.value) as answer,
    ):
        return _announced(answer, size)[1]


def _announced(answer: ChildOutput, size: int) -> tuple[int, frozenset[ActiveContent]]:
    """Return how long the copy is that the child announces, 0 for none, and what it does without."""
    if not answer.ready:
        raise ScanUnavailable
    try:
        length, *active = json.loads(answer.line(_MAX_ANNOUNCED_BYTES) or b"null")
        found = frozenset(map(ActiveContent, active))
    except (ValueError, TypeError) as error:
        raise CannotClean from error
    if not isinstance(length, int) or not 0 <= length <= 2 * size + _MAX_ANSWER_BYTES:
        raise CannotClean
    return length, found


def scan(content: BinaryIO, kind: FileType, size: int) -> Sequence[ByteEdit]:
    """Return what to cut from a file of this size in bytes: nothing when it tells no place.

    Raises CannotClean when that cannot be known for sure, ScanUnavailable when the child could not run, or
    had no time to.
    """
    seconds, began = _SECONDS + size // _BYTES_A_SECOND, time.monotonic()
    with as_file_descriptor(content) as file:
        output = run_sandboxed(_MAIN, file, seconds, kind.value, most=_MAX_ANSWER_BYTES)
    if not output.startswith(READY) or timed_out(output, began, seconds):
        raise ScanUnavailable
    try:
        return edits_from_json(output.removeprefix(READY), size)
    except ValueError as error:
        _log.warning("a file could not be cleaned")
        raise CannotClean from error
