"""Page images kept beside the originals, never among them: derived, so deletable at any time."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from portfolio.evidence.rendering.codes import LASTING, NotReadable, PageFault, PageSize, kind_of, pages_of
from portfolio.evidence.rendering.painting import paint

_log = logging.getLogger(__name__)

_SHA256 = re.compile("[0-9a-f]{64}")
_FAULT_LASTS = 3600


@dataclass(frozen=True)
class DrawnFile:
    """A kept file whose pages are drawn: its digest, its media type, its pages if they were counted, how it is opened."""

    sha256: str
    mime: str
    pages: int | None
    open: Callable[[], BinaryIO]


class PageShelf:
    """A folder of page images, one folder a file, named by its digest: the same content is drawn once."""

    def __init__(self, root: Path) -> None:
        """Use this folder; it is made when the first page is kept."""
        self.root = root

    def page(self, file: DrawnFile, page: int, size: PageSize) -> bytes:
        """Answer a page image, drawn now if it was not; raises NotReadable, Busy, and what opening the file raises."""
        if not 1 <= page <= pages_of(file.mime, file.pages):
            raise NotReadable(PageFault.NO_SUCH_PAGE if kind_of(file.mime) else PageFault.NOT_PAGES)
        place = self._folder(file.sha256) / f"{page}-{size.width}.webp"
        with contextlib.suppress(FileNotFoundError):
            return place.read_bytes()
        if known := self.fault(file.sha256, page):
            raise NotReadable(known)
        try:
            image = _drawn(file, page, size)
        except NotReadable as fault:
            if fault.code in LASTING:
                _keep(self._folder(file.sha256) / f"{page}.fault", fault.code.encode())
            raise
        _keep(place, image)
        return image

    def fault(self, sha256: str, page: int) -> PageFault | None:
        """Answer why a page could not be drawn when it was last tried, within the hour."""
        place = self._folder(sha256) / f"{page}.fault"
        try:
            if place.stat().st_mtime < time.time() - _FAULT_LASTS:
                return None
            return PageFault(place.read_text())
        except (FileNotFoundError, ValueError):
            return None

    def forget(self, sha256: str) -> None:
        """Remove every page image of a file; they are drawn again when asked for."""
        shutil.rmtree(self._folder(sha256), ignore_errors=True)

    def _folder(self, sha256: str) -> Path:
        if not _SHA256.fullmatch(sha256):
            raise ValueError("not a SHA-256")
        return self.root / sha256


def _drawn(file: DrawnFile, page: int, size: PageSize) -> bytes:
    kind = kind_of(file.mime)
    assert kind is not None
    with file.open() as content:
        return paint(content, kind, page, size.width)


def _keep(place: Path, content: bytes) -> None:
    """Write aside, then rename: a page image is whole or absent, whoever else draws it meanwhile. Not kept, it is drawn again."""
    aside = place.parent / f".{uuid4().hex}"
    try:
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        aside.write_bytes(content)
        os.replace(aside, place)
    except OSError as error:  # no room left: it is shown all the same
        _log.warning("a page image is not kept: %s", error.strerror)
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
