"""What can be drawn as pages, at which widths, and why a page is not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portfolio.storage.kinds import Family, FileKind

# What one page image may hold, whatever the file asks for; the tallest side that its format knows.
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000


class PageSize(StrEnum):
    """How large a page is drawn: three widths only, so that what is kept of a file stays bounded."""

    THUMBNAIL = "vignette"
    PAGE = "page"
    LARGE = "grande"

    @property
    def width(self) -> int:
        """Its width in pixels, at most: a picture is never drawn larger than it is."""
        return {PageSize.THUMBNAIL: 320, PageSize.PAGE: 1200, PageSize.LARGE: 2000}[self]


class PageFault(StrEnum):
    """Why a page is not drawn; wording.py has the sentence of each."""

    NOT_PAGES = "not_pages"
    NO_SUCH_PAGE = "no_such_page"
    BROKEN_PAGE = "broken_page"
    TOO_HEAVY = "too_heavy"
    NOT_DRAWN = "not_drawn"


# Asked again, the answer would be the same.
LASTING = frozenset({PageFault.BROKEN_PAGE, PageFault.TOO_HEAVY})


@dataclass
class NotReadable(Exception):  # noqa: N818 - said to a person, not a fault
    """The page cannot be drawn, and why."""

    code: PageFault

    def __str__(self) -> str:
        """The code, for a log."""
        return self.code


class Busy(Exception):  # noqa: N818 - nothing is wrong: others are being served
    """Other pages are being drawn; this one will be in a moment."""


def kind_of(mime: str) -> FileKind | None:
    """Answer the kind of file that has this media type, if its pages can be drawn: a PDF or an image."""
    kind = next((one for one in FileKind if one.mime == mime), None)
    return kind if kind is FileKind.PDF or (kind and kind.family is Family.IMAGE) else None


def pages_of(mime: str, counted: int | None) -> int:
    """Answer how many pages can be drawn of a file: those counted when it was received, 1 of an image, 0 of the rest."""
    return (counted or 1) if kind_of(mime) else 0
