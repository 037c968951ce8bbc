"""Ask a limited child what a copy of a file must not carry; this process never reads what is inside the file."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, BinaryIO, cast

from portfolio.evidence.unlocated.cut import CannotClean, Cut, copied, read_cuts
from portfolio.storage.child_answer import child_answer
from portfolio.storage.confinement import READY
from portfolio.storage.incoming import told_when_full
from portfolio.storage.kinds import FileKind
from portfolio.storage.limited_child import as_a_real_file, is_late, run_child
from portfolio.storage.store import CHUNK

_log = logging.getLogger(__name__)

_MAIN = "portfolio.evidence.unlocated.finding"
# Cameras and recorders write where they were in these; the list of what the child can look into.
LOCATED = frozenset(
    {
        FileKind.JPEG,
        FileKind.PNG,
        FileKind.WEBP,
        FileKind.GIF,
        FileKind.TIFF,
        FileKind.HEIC,
        FileKind.AVIF,
        FileKind.MP4,
        FileKind.MOV,
        FileKind.WEBM,
        FileKind.M4A,
        FileKind.MP3,
        FileKind.WAV,
        FileKind.OGG,
    }
)
# Documents that may hold photographs: looked into when someone takes one away, for few do and most tell nothing. What they
# tell is written over where it stands, or the whole document is put together again.
_WRITTEN_OVER = frozenset({FileKind.PDF, FileKind.DOC, FileKind.XLS, FileKind.PPT, FileKind.MSG})
_REMADE = frozenset(
    {
        FileKind.DOCX,
        FileKind.XLSX,
        FileKind.PPTX,
        FileKind.ODT,
        FileKind.ODS,
        FileKind.ODP,
        FileKind.EML,
        FileKind.RTF,
    }
)
HOLDING = _WRITTEN_OVER | _REMADE
_SECONDS, _BYTES_A_SECOND = 10, 50_000_000
_MOST = 8_000_000
_children = threading.BoundedSemaphore(max(2, os.cpu_count() or 2))


class NotLooked(Exception):  # noqa: N818 - our own fault, told in the log
    """The child could not run."""


def kind_located(mime: str) -> FileKind | None:
    """Answer the kind of file that has this media type, if it may tell where it was made."""
    return next((one for one in LOCATED if one.mime == mime), None)


def kind_holding(mime: str) -> FileKind | None:
    """Answer the kind of document that has this media type, if it may hold photographs."""
    return next((one for one in HOLDING if one.mime == mime), None)


@contextmanager
def without_places(content: BinaryIO, kind: FileKind, size: int) -> Iterator[BinaryIO | None]:
    """Lend a copy of a file that tells no place, nor the photographs it holds; None when it tells none already.

    Raises CannotClean when that cannot be known for sure, NotLooked when the child could not run, StoreFull.
    """
    with TemporaryFile() as copy:
        made = _received if kind in _REMADE else _cut
        with _children:
            changed = made(content, size, kind, copy)
        copy.seek(0)
        yield cast(BinaryIO, copy) if changed else None


def _cut(content: BinaryIO, size: int, kind: FileKind, copy: IO[bytes]) -> bool:
    cuts = look(content, kind, size)
    content.seek(0)
    with told_when_full():
        for piece in copied(content, cuts) if cuts else ():
            copy.write(piece)
    return bool(cuts)


def _received(content: BinaryIO, size: int, kind: FileKind, copy: IO[bytes]) -> bool:
    """Take the copy that the child makes, piece by piece; answer whether there is one."""
    seconds = _SECONDS + size // _BYTES_A_SECOND
    with as_a_real_file(content) as file, child_answer(_MAIN, file, seconds, kind.value) as answer:
        if not answer.ready:
            raise NotLooked
        try:
            length = int(answer.line(20) or b"cannot")
        except ValueError as error:
            raise CannotClean from error
        if not 0 <= length <= 2 * size + _MOST:
            raise CannotClean
        for place in range(0, length, CHUNK):
            piece = answer.bytes(min(CHUNK, length - place))
            if piece is None:
                raise CannotClean
            with told_when_full():
                copy.write(piece)
    return length > 0


def look(content: BinaryIO, kind: FileKind, size: int) -> Sequence[Cut]:
    """Answer what to cut from a file of this size in bytes: nothing when it tells no place.

    Raises CannotClean when that cannot be known for sure, NotLooked when the child could not run, or had no time to.
    """
    seconds, began = _SECONDS + size // _BYTES_A_SECOND, time.monotonic()
    with as_a_real_file(content) as file:
        output = run_child(_MAIN, file, seconds, kind.value, most=_MOST)
    if not output.startswith(READY) or is_late(output, began, seconds):
        raise NotLooked
    try:
        return read_cuts(output.removeprefix(READY), size)
    except ValueError as error:
        _log.warning("a file could not be cleaned")
        raise CannotClean from error
