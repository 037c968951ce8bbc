"""Conversions of a file to a readable format: the result, the converter, and failure reasons."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from portfolio.domain.dossier.rules.rendition import RenditionFailure
from portfolio.files.file_types.types import FileCategory, FileType
from portfolio.files.sandbox.left_files import NotLeft, open_left

MAX_PAGES = 500
_MOST_ROWS = 1_000_000_000
PDF_TYPE = "application/pdf"


class Converter(StrEnum):
    """The program that made the pages; wording.py names it."""

    LIBREOFFICE = "libreoffice"
    TEXT = "text"
    MEDIA = "media"
    PREVIEW = "preview"


class Route(StrEnum):
    """How files of a kind are made readable."""

    OFFICE = "office"
    TYPESET = "typeset"
    CONTAINER = "container"
    PREVIEW = "preview"
    MEDIA = "media"


_OFFICE = {
    FileType.DOC, FileType.DOCX, FileType.ODT, FileType.RTF, FileType.XLS, FileType.XLSX, FileType.ODS,
    FileType.PPT, FileType.PPTX, FileType.ODP, FileType.ODG, FileType.FODT, FileType.FODS, FileType.FODP,
    FileType.FODG, FileType.EMF, FileType.WMF, FileType.XLSB,
}  # fmt: skip
_CONTAINERS = {FileType.EML, FileType.MSG, FileType.ZIP}
_TYPESET = {
    FileType.TEXT, FileType.CSV, FileType.HTML, FileType.EPUB, FileType.SVG, FileType.SVGZ, FileType.MHTML,
}  # fmt: skip
# Only Apple's own programs read these: the preview that the file holds is shown.
_PREVIEWED = {FileType.PAGES, FileType.NUMBERS, FileType.KEYNOTE}


def file_kind(media_type: str) -> FileType | None:
    """Return the kind of file that has this media type."""
    return next((kind for kind in FileType if kind.mime == media_type), None)


def route_of(kind: FileType) -> Route | None:
    """Return how files of this kind are made readable; None of a PDF and of an image, which are drawn as they
    are.
    """
    if kind in _OFFICE:
        return Route.OFFICE
    if kind in _CONTAINERS:
        return Route.CONTAINER
    if kind in _TYPESET:
        return Route.TYPESET
    if kind in _PREVIEWED:
        return Route.PREVIEW
    return Route.MEDIA if kind.family in (FileCategory.AUDIO, FileCategory.VIDEO) else None


# Read by our own readers where no other program does, or where it fails.
_READ_BY_WHEELS = {
    FileType.XLS,
    FileType.XLSX,
    FileType.XLSB,
    FileType.ODS,
    FileType.DOC,
    FileType.PPT,
    FileType.ODT,
    FileType.ODP,
    FileType.ODG,
    FileType.FODT,
    FileType.FODS,
    FileType.FODP,
    FileType.FODG,
}


def has_reader(kind: FileType) -> bool:
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

    reason: RenditionFailure

    def __str__(self) -> str:
        """Return the code, for a log."""
        return self.reason


def row_counts(answered: object) -> tuple[int, int] | None:
    """Return how many rows are shown of how many, from the answer of a process that may say anything."""
    match answered:
        case [int(shown), int(in_all)] if 0 < shown < in_all < _MOST_ROWS:
            return shown, in_all
    return None


SheetExtent = tuple[str, int, int]
_MOST_SHEETS = 100


def sheet_extents(answered: object) -> tuple[SheetExtent, ...]:
    """Return the sheets of a workbook, from the answer of a process that may say anything."""
    if not isinstance(answered, list):
        return ()
    found: list[SheetExtent] = []
    for sheet in answered[:_MOST_SHEETS]:
        match sheet:
            case [str(name), int(rows), int(columns)] if rows > 0 and columns > 0:
                found.append((name[:100], rows, columns))
    return tuple(found)


@dataclass(frozen=True)
class Converted:
    """A file that was made, in a folder that is deleted soon: a PDF, or a recording that browsers play."""

    path: Path
    media_type: str
    pages: int
    converter: Converter
    # More was in the file than is shown; of a table, how many rows are shown, and how many there are.
    is_cut: bool = False
    rows: tuple[int, int] | None = None
    # Of a workbook: the name of each sheet shown, its last row and its last column.
    sheets: tuple[SheetExtent, ...] = ()
    seconds: int | None = None
    # Files inside the file, as plain values of InnerEntry.
    entries: tuple[Mapping[str, Any], ...] = field(default=())
    # A picture of a recording: a frame of a film, the waves of a sound.
    poster: Path | None = None

    def open(self) -> BinaryIO:
        """Open what was made; raise NotConverted when it is no ordinary file."""
        try:
            return open_left(self.path)
        except NotLeft as error:
            raise NotConverted(RenditionFailure.UNREADABLE) from error
