"""Kinds of files that are drawn as page images, and by which route the others are made readable first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from portfolio.files.file_types.types import FileCategory, FileType

PDF_TYPE = "application/pdf"


class Converter(StrEnum):
    """The program that made the pages."""

    LIBREOFFICE = "libreoffice"
    TEXT = "text"
    MEDIA = "media"
    PREVIEW = "preview"


class Route(StrEnum):
    """Ways to make the files of a kind readable."""

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
    """Return how files of this kind are made readable; None of a PDF and of an image, which are drawn as they are."""
    if kind in _OFFICE:
        return Route.OFFICE
    if kind in _CONTAINERS:
        return Route.CONTAINER
    if kind in _TYPESET:
        return Route.TYPESET
    if kind in _PREVIEWED:
        return Route.PREVIEW
    return Route.MEDIA if kind.family in (FileCategory.AUDIO, FileCategory.VIDEO) else None


# Where LibreOffice is not installed, or fails: calamine reads the values of workbooks, lxml the words of its documents.
WORKBOOKS = frozenset({FileType.XLS, FileType.XLSX, FileType.XLSB, FileType.ODS})
OPENDOCUMENTS = frozenset(
    {FileType.ODT, FileType.ODP, FileType.ODG, FileType.FODT, FileType.FODS, FileType.FODP, FileType.FODG}
)


def is_converted(media_type: str) -> bool:
    """Return whether something is made of a file of this type before its pages are drawn, or it is played."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is not None


def is_played(media_type: str) -> bool:
    """Return whether a file of this type is a recording."""
    kind = file_kind(media_type)
    return kind is not None and route_of(kind) is Route.MEDIA


# Pages drawn of one file: a whole dossier has 50 to 120 (domain §2).
MAX_PAGES = 500


def kind_of(mime: str) -> FileType | None:
    """Answer the kind of file that has this media type, if its pages can be drawn: a PDF or an image."""
    kind = file_kind(mime)
    return kind if kind is FileType.PDF or (kind and kind.family is FileCategory.IMAGE) else None


def pages_of(mime: str, counted: int | None) -> int:
    """Answer how many pages can be read of a file: those counted when it was received, 1 of an image, 0 of
    what is not read here.

    Of a file of which pages are made first, it is 1 until they are (services.conversions).
    """
    return (counted or 1) if kind_of(mime) or is_converted(mime) else 0


SheetExtent = tuple[str, int, int]


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
