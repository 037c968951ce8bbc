"""Formats that can be rendered as page images, limits, and failure codes."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.domain.dossier.rules.rendition import PageError, PageSize
from portfolio.files.conversion.codes import is_converted
from portfolio.files.file_types.types import FileCategory, FileType

__all__ = [
    "MAX_PAGES",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MAX_TEXT",
    "NotReadable",
    "PageError",
    "PageSize",
    "kind_of",
    "pages_of",
]

# What one page image may hold, whatever the file asks for; the tallest side that its format knows.
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
# Of one file: a whole dossier has 50 to 120 pages (domain §2). Of one page: far more characters than a page
# holds.
MAX_PAGES = 500
MAX_TEXT = 20_000


@dataclass
class NotReadable(Exception):  # noqa: N818 - said to a person, not a fault
    """The page cannot be drawn, and why."""

    code: PageError

    def __str__(self) -> str:
        """The code, for a log."""
        return self.code


def kind_of(mime: str) -> FileType | None:
    """Answer the kind of file that has this media type, if its pages can be drawn: a PDF or an image."""
    kind = next((file_type for file_type in FileType if file_type.mime == mime), None)
    return kind if kind is FileType.PDF or (kind and kind.family is FileCategory.IMAGE) else None


def pages_of(mime: str, counted: int | None) -> int:
    """Answer how many pages can be read of a file: those counted when it was received, 1 of an image, 0 of
    what is not read here.

    Of a file of which pages are made first, it is 1 until they are (services.conversions).
    """
    return (counted or 1) if kind_of(mime) or is_converted(mime) else 0
