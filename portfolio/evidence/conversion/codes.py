"""What is made of a file before people read it here, by which converter, and why it cannot be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from portfolio.evidence.rules.rendition import RefusedRendition
from portfolio.storage.kinds import Family, FileKind

MAX_PAGES = 500
PDF_TYPE = "application/pdf"


class Converter(StrEnum):
    """The program that made the pages; wording.py names it."""

    LIBREOFFICE = "libreoffice"
    TEXT = "text"
    MEDIA = "media"


class Route(StrEnum):
    """How files of a kind are made readable."""

    OFFICE = "office"
    TYPESET = "typeset"
    CONTAINER = "container"
    MEDIA = "media"


_OFFICE = {
    FileKind.DOC, FileKind.DOCX, FileKind.ODT, FileKind.RTF, FileKind.XLS, FileKind.XLSX, FileKind.ODS, FileKind.PPT,
    FileKind.PPTX, FileKind.ODP,
}  # fmt: skip
_CONTAINERS = {FileKind.EML, FileKind.MSG, FileKind.ZIP}
_TYPESET = {FileKind.TEXT, FileKind.CSV, FileKind.HTML, FileKind.EPUB, FileKind.SVG}
# Their originals may hold what a browser or another program would run, or a place that nobody looks for: others read them here.
READ_HERE_ONLY = frozenset(
    {FileKind.HTML, FileKind.SVG, FileKind.EPUB, FileKind.ZIP, FileKind.FLAC, FileKind.MKV, FileKind.AVI, FileKind.AMR,
     FileKind.THREEGP, FileKind.WMA, FileKind.AAC, FileKind.AIFF}
)  # fmt: skip


def file_kind(media_type: str) -> FileKind | None:
    """Return the kind of file that has this media type."""
    return next((kind for kind in FileKind if kind.mime == media_type), None)


def route_of(kind: FileKind) -> Route | None:
    """Return how files of this kind are made readable; None of a PDF and of an image, which are drawn as they are."""
    if kind in _OFFICE:
        return Route.OFFICE
    if kind in _CONTAINERS:
        return Route.CONTAINER
    if kind in _TYPESET:
        return Route.TYPESET
    return Route.MEDIA if kind.family in (Family.AUDIO, Family.VIDEO) else None


# Read by our own readers where no other program does, or where it fails.
_READ_BY_WHEELS = {FileKind.XLS, FileKind.XLSX, FileKind.ODS, FileKind.DOC, FileKind.PPT, FileKind.ODT, FileKind.ODP}


def has_reader(kind: FileKind) -> bool:
    """Return whether a reader of ours opens office files of this kind."""
    return kind in _READ_BY_WHEELS


def is_converted(media_type: str) -> bool:
    """Return whether something is made of a file of this type before its pages are drawn, or it is played."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is not None


def is_played(media_type: str) -> bool:
    """Return whether a file of this type is a recording."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is Route.MEDIA


@dataclass
class NotConverted(Exception):  # noqa: N818 - said to a person, not a fault of the program
    """Nothing can be made of the file, and why."""

    reason: RefusedRendition

    def __str__(self) -> str:
        """Return the code, for a log."""
        return self.reason


@dataclass(frozen=True)
class Converted:
    """A file that was made, in a folder that is deleted soon: a PDF, or a recording that browsers play."""

    path: Path
    media_type: str
    pages: int
    converter: Converter
    # More was in the file than is shown.
    is_cut: bool = False
    seconds: int | None = None
    # Files inside the file, as plain values of InnerEntry.
    entries: tuple[Mapping[str, Any], ...] = field(default=())
    # A picture of a recording: a frame of a film, the waves of a sound.
    poster: Path | None = None
