"""Inspect a file without a dossier: the same checks, converters and sandbox as for an upload."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from portfolio.domain.dossier.rules.rendition import PageError
from portfolio.files import antivirus
from portfolio.files.conversion.codes import NotConverted, open_made
from portfolio.files.conversion.converting import converted, count_pdf
from portfolio.files.file_types.detect import sniff
from portfolio.files.file_types.types import (
    MAX_PAGES,
    PDF_TYPE,
    DetectedFile,
    FileRejected,
    FileType,
    is_converted,
    kind_of,
)
from portfolio.files.renditions.page_images.client import render_pages
from portfolio.files.renditions.page_images.navigation import NotReadable
from portfolio.files.renditions.shared_copies.client import CannotCopy, CopyUnavailable, find_active_content
from portfolio.wording.conversion import shown_part
from portfolio.wording.files import FAULTS, REFUSED, refusal_message, too_large_message


@dataclass(frozen=True)
class Inspection:
    """Result of the inspection of one file; `reason` says why it is not accepted, or not read here."""

    file: str
    accepted: bool = False
    reason: str = ""
    kind: str | None = None
    pages: int | None = None
    readable: str = "none"
    # How much is shown of a file that is too long: « 500 pages sur 620 ».
    shown: str = ""
    characters: int = 0
    seconds: float = 0.0
    # Whether an antivirus looked at the file.
    scanned: bool = False
    # What acts by itself in the file, and the copies that others receive do without (`ActiveContent`).
    defused: tuple[str, ...] = ()

    def to_value(self) -> dict[str, Any]:
        """Return it as plain values."""
        return asdict(self)


def inspect_file(path: Path, limit: int) -> Inspection:
    """Return what the product would make of a file, and how many seconds that took."""
    began = time.monotonic()
    try:
        found = _inspected(path, limit)
    except OSError as error:
        found = {"reason": error.strerror or str(error)}
    return Inspection(**({"file": _shown_path(path)} | found), seconds=round(time.monotonic() - began, 2))


def _shown_path(path: Path) -> str:
    """Return the path as text; bytes of its name that are no UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _inspected(path: Path, limit: int) -> dict[str, Any]:
    size = path.stat().st_size
    if size > limit:
        return {"reason": too_large_message(limit)}
    with path.open("rb") as content:
        try:
            sniffed = sniff(content, size)
            antivirus.scan(content)
        except FileRejected as refusal:
            return {"reason": refusal_message(refusal)}
        accepted: dict[str, Any] = {"accepted": True, "scanned": antivirus.is_installed(), "kind": sniffed.kind.value}
        accepted["defused"] = _active_content(content, sniffed.kind, size)
        try:
            return accepted | _read(content, sniffed, path.name)
        except NotConverted as error:
            return accepted | {"reason": REFUSED[error.reason]}
        except NotReadable as error:
            return accepted | {"reason": FAULTS[error.code]}
        except TimeoutError:
            return accepted | {"reason": FAULTS[PageError.NOT_DRAWN]}


def _active_content(content: BinaryIO, kind: FileType, size: int) -> tuple[str, ...]:
    """Return what acts by itself in a file; nothing when it cannot be known, for then others receive no file at all."""
    try:
        found = find_active_content(content, size) if kind is FileType.PDF else frozenset()
    except (CannotCopy, CopyUnavailable):
        return ()
    finally:
        content.seek(0)
    return tuple(sorted(found))


def _read(content: BinaryIO, sniffed: DetectedFile, name: str) -> dict[str, Any]:
    """Make the first page of a file, or the recording, and count; raises NotConverted, NotReadable."""
    with ExitStack() as held:
        pages, kind, source = sniffed.pages or 1, kind_of(sniffed.mime), content
        shown = shown_part((min(pages, MAX_PAGES), pages))
        if is_converted(sniffed.mime):
            made = held.enter_context(converted(content, sniffed.kind, name))
            if made.media_type != PDF_TYPE:
                return {"readable": "player"}
            shown = shown_part(rows=made.rows, is_cut=made.is_cut)
            pages, kind, source = made.pages, FileType.PDF, held.enter_context(open_made(made))
        assert kind is not None
        first = next(render_pages(source, kind, 1, 1))
        if first.fault is not None:
            raise NotReadable(first.fault)
        characters = count_pdf(source)[1] if kind is FileType.PDF else 0
    listed = sniffed.kind is FileType.ZIP
    return {
        "readable": "list" if listed else "pages",
        "pages": min(pages, MAX_PAGES),
        "shown": shown,
        "characters": characters,
    }
