"""Page navigation in a file: current page, previous, next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portfolio.domain.dossier.rules.rendition import PageError, PageSize
from portfolio.files.file_types.types import pages_of

# In percent of the page at its own size.
ZOOM_STEPS = (100, 150, 200, 300)
# The width of a sheet of A4 at 96 pixels for an inch, of a page whose size is not known.
DEFAULT_WIDTH = 794


@dataclass(frozen=True, slots=True)
class PagePosition:
    """The page open, from 1, of a file of so many pages; `pages` is 0 when nothing of it is read here."""

    page: int
    pages: int
    large: bool = False
    # In percent of the page at its own size; 0 when the page is as wide as its place on the screen.
    zoom: int = 0
    # The page at 100 %, in CSS pixels, when it is known; which of its images is shown; where its words are.
    width: int = 0
    height: int = 0
    image_size: PageSize = PageSize.PAGE
    word_boxes: bytes | None = None
    # What was asked for and is not a page of this file: said, never silently changed.
    missed: str = ""
    # Why the page open is not shown here, as it is said.
    why: str = ""
    # It is not drawn yet, but will be; how many pages of the file are ready.
    pending: bool = False
    # Nobody draws at this moment: the worker that does is stopped.
    paused: bool = False
    ready: int = 0
    # What is written on the page open, for those who do not see it.
    text: str = ""
    # What a machine read of a page that has none.
    machine_text: str = ""
    # Its image is there, and its text is not read yet.
    is_text_pending: bool = False
    # How many characters of the file the page open does not show.
    hidden: int = 0
    # Of a file of another format: who made what is read, and the files that it holds.
    made_by: str = ""
    # Of a flattened copy: what the candidate masked, as it is said.
    masked: str = ""
    # Of a file in which something acts by itself: that others than its owner receive a copy without it, as it
    # is said.
    defused: str = ""
    # Of a file that is too long: how much of it is shown, as it is said.
    cut: str = ""
    entries: Sequence[Mapping[str, Any]] = ()
    # A recording: « audio » or « video », from which second it is played, and whether it has a picture.
    plays: str = ""
    start: int = 0
    has_poster: bool = False

    @property
    def shown_width(self) -> int:
        """Return the width of the page on the screen, in CSS pixels; 0 when it is that of its place."""
        return self.zoom * (self.width or DEFAULT_WIDTH) // 100

    @property
    def before(self) -> int | None:
        """Return the page before; None on the first."""
        return self.page - 1 if self.page > 1 else None

    @property
    def after(self) -> int | None:
        """Return the page after; None on the last."""
        return self.page + 1 if self.page < self.pages else None


def zoom_from(asked: str) -> int:
    """Return the zoom of an address that is one of the steps; 0 for any other."""
    return int(asked) if asked in map(str, ZOOM_STEPS) else 0


def size_for(width: int) -> PageSize:
    """Return the narrowest image that is sharp when it is shown so wide, in pixels of the screen; the widest beyond."""
    return next((size for size in PageSize if size is not PageSize.THUMBNAIL and size.width >= width), PageSize.DETAIL)


def page_at(asked: str, mime: str, counted: int | None, *, large: bool = False) -> PagePosition:
    """Open a file at the page asked for, as typed; the nearest one if there is no such page."""
    pages = pages_of(mime, counted)
    if not pages:
        return PagePosition(1, 0)
    typed = asked.strip()
    if not typed:
        return PagePosition(1, pages, large)
    number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0
    if 1 <= number <= pages:
        return PagePosition(number, pages, large)
    return PagePosition(pages if number else 1, pages, large, missed=typed[:20])


# What one page image may hold, whatever the file asks for; the tallest side that its format knows.
MAX_PIXELS = 40_000_000
MAX_SIDE = 16_000
# Far more characters than a page holds.
MAX_TEXT = 20_000


@dataclass
class NotReadable(Exception):  # noqa: N818 - said to a person, not a fault
    """The page cannot be drawn, and why."""

    code: PageError

    def __str__(self) -> str:
        """Return the code, for a log."""
        return self.code
