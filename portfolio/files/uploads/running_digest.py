"""The SHA-256 of files that come in parts, kept up to date by one thread while the next parts come.

It is a saving, never the only way: a process that did not receive every part in its turn has no result, and
the file is read.

Byte ranges of a file: half-open, sorted, merged.
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from portfolio.files.storage.store import CHUNK_BYTES

Range = tuple[int, int]


def merged(ranges: Iterable[Range]) -> tuple[Range, ...]:
    """Return the same bytes as the fewest sorted ranges."""
    found: list[Range] = []
    for start, end in sorted(ranges):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def missing(received: Sequence[Range], size: int) -> tuple[Range, ...]:
    """Return the ranges of a file of `size` bytes that are not in these merged ranges."""
    bounds = [0, *(edge for pair in received for edge in pair), size]
    return tuple((start, end) for start, end in zip(bounds[::2], bounds[1::2], strict=True) if start < end)


def prefix(received: Sequence[Range]) -> int:
    """Return how many bytes of these merged ranges follow each other from the beginning of the file."""
    return received[0][1] if received and received[0][0] == 0 else 0


def overlaps(received: Iterable[Range], start: int, end: int) -> bool:
    """Return whether one byte between start and end is in these ranges."""
    return any(start < one_end and one_start < end for one_start, one_end in received)


# Uploads that one process follows; the one that got nothing for longest is forgotten first.
FOLLOWED = 64
_MARK_AGE_NS = 10_000_000_000
_HASHING = ThreadPoolExecutor(1, "hashing")


@dataclass
class _Running:
    """The digest so far, the parts that this process wrote after it, how many it writes now, and the state of
    the file after them.
    """

    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    hashed: int = 0
    written: dict[int, int] = field(default_factory=dict)
    writing: int = 0
    state: Hashable = None
    is_ours: bool = True
    last: Future[None] | None = None


class RunningDigests:
    """The running digests of this process, by upload."""

    def __init__(self) -> None:
        """Follow nothing yet."""
        self._lock = threading.Lock()
        self._running: OrderedDict[UUID, _Running] = OrderedDict()

    @contextmanager
    def writing(self, upload_id: UUID, file: int) -> Iterator[None]:
        """Note whether anybody else wrote to this open file before a part is written, and mark it after.

        The mark is a time of the past: a file system with a coarse clock gives a later write another one.
        """
        with self._lock:
            running = self._running.setdefault(upload_id, _Running())
            self._running.move_to_end(upload_id)
            if len(self._running) > FOLLOWED:
                self._running.popitem(last=False)
            if not running.writing:
                running.is_ours = running.is_ours and running.state in (None, file_state(file))
            running.writing += 1
        try:
            yield
        finally:
            with self._lock:
                running.writing -= 1
                if not running.writing:
                    mark = time.time_ns() - _MARK_AGE_NS
                    os.utime(file, ns=(mark, mark))
                    running.state = file_state(file)

    def follow(self, upload_id: UUID, path: Path, start: int, length: int) -> None:
        """Hash this part once all that stands before it is hashed; the file is in memory still, hence read
        again cheaply.
        """
        with self._lock:
            if running := self._running.get(upload_id):
                running.written[start] = start + length
                running.last = _HASHING.submit(self._advance, running, path)

    def result(self, upload_id: UUID, state: Hashable, size: int) -> str | None:
        """Return the SHA-256 of the whole file; None when this process did not hash it all, or something
        else wrote to it.
        """
        with self._lock:
            running = self._running.get(upload_id)
        if running is None or running.last is None or not running.is_ours or running.state != state:
            return None
        running.last.result()
        return running.digest.hexdigest() if running.hashed == size else None

    def forget(self, upload_id: UUID) -> None:
        """Follow this upload no more."""
        with self._lock:
            self._running.pop(upload_id, None)

    def _advance(self, running: _Running, path: Path) -> None:
        with suppress(OSError):  # the upload was abandoned
            while part := self._next(running):
                _hash(running, path, part)

    def _next(self, running: _Running) -> Range | None:
        with self._lock:
            end = running.written.pop(running.hashed, None)
        return None if end is None else (running.hashed, end)


def file_state(file: int) -> Hashable:
    """Return what changes whenever somebody writes into an open file."""
    found = os.fstat(file)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _hash(running: _Running, path: Path, part: Range) -> None:
    place, end = part
    with path.open("rb", buffering=0) as file:
        file.seek(place)
        while place < end and (piece := file.read(min(CHUNK_BYTES, end - place))):
            running.digest.update(piece)
            place += len(piece)
    running.hashed = place
