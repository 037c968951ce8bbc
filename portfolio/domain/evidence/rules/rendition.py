"""States, retry delays and leases of renditions made of an uploaded file [design]."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import IntEnum, StrEnum

# Longer than one turn of work may take; a worker that dies meanwhile is replaced after it.
LEASE = timedelta(minutes=3)
# Longer than one page takes on a quiet machine: a worker that draws an awaited page and dies is replaced
# after it.
PAGE_LEASE = timedelta(seconds=20)
# A file with so many pages too heavy to draw is left alone.
MAX_HEAVY_PAGES = 3
# Which way pages are drawn and their text is read: what was made in an earlier way is made again. 1: text
# that a page does not show is left out.
METHOD = 1
# What stands for the number of characters that a page hides until its text is read: its image may be there
# before.
TEXT_NOT_READ = -1
# How often what fails for no fault of the file is tried, and how long it waits at first: eight hours in all,
# for a store may be away for a night.
MAX_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=15)
# How often a file may be begun without a word from the worker that began it: a worker that a file kills says
# nothing. A page that someone waits for is begun once less, so that two readers never make an end of a file
# that is well.
MAX_CRASHES = 3


class Priority(IntEnum):
    """The order of pending tasks: the smallest number first."""

    HIGH = 0  # somebody waits for it on a screen
    NORMAL = 1  # a file just received: its first pages
    LOW = 2  # the rest of a file


class RenditionKind(StrEnum):
    """What is made."""

    PAGES = "pages"


class RenditionState(StrEnum):
    """Where it stands."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    REFUSED = "refused"


# What is still to be done, now or once its lease has ended.
UNFINISHED = (RenditionState.WAITING, RenditionState.MAKING)


class RenditionFailure(StrEnum):
    """Why nothing (more) is made of a file; rendering/wording.py has the sentence of each."""

    NO_ORIGINAL = "no_original"
    TOO_HEAVY = "too_heavy"
    NOT_MADE = "not_made"
    FELL = "fell"
    UNREADABLE = "unreadable"
    # This machine has no program that opens files of this kind.
    NO_CONVERTER = "no_converter"
    # This machine cannot close the walls within which files of this kind are opened.
    NO_WALL = "no_wall"


# What another try may change: the file is not what is wrong, or what it fells may have been mended since.
RETRYABLE = (
    RenditionFailure.NO_ORIGINAL,
    RenditionFailure.NOT_MADE,
    RenditionFailure.FELL,
    RenditionFailure.NO_CONVERTER,
    RenditionFailure.NO_WALL,
)


class DownloadMode(StrEnum):
    """What someone may take away of a file."""

    ORIGINAL = "original"
    # What others receive: a PDF of what the file shows, or the recording that is played here.
    COPY = "copy"
    SOON = "soon"
    WITHHELD = "withheld"
    # The kept file is not the one that was received: it is neither shown nor given.
    DAMAGED = "damaged"
    # The file is no longer in the store.
    MISSING = "missing"
    # A document: its pages are not all drawn yet, so that nobody knows whether they hide text; or they do.
    READ_FIRST = "read_first"
    HIDES_TEXT = "hides_text"
    # The antivirus does not answer: the file is given once it is scanned.
    NOT_SCANNED = "not_scanned"
    # It was received while the antivirus did not answer, and refused since.
    REFUSED = "refused"


class QuarantineState(StrEnum):
    """Where a file stands that was received while the antivirus did not answer; a clean one has none."""

    WAITING = "waiting"
    INFECTED = "infected"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"


class PageSize(StrEnum):
    """How large a page is drawn: four widths only, so that what is kept of a file stays bounded."""

    THUMBNAIL = "vignette"
    PAGE = "page"
    LARGE = "grande"
    DETAIL = "detail"

    @property
    def width(self) -> int:
        """Its width in pixels, at most: a picture is never drawn larger than it is."""
        return {PageSize.THUMBNAIL: 320, PageSize.PAGE: 1200, PageSize.LARGE: 2000, PageSize.DETAIL: 3200}[
            self
        ]


# The widths that are drawn ahead; the others are drawn when somebody first asks for them.
DRAWN_AHEAD = (PageSize.THUMBNAIL, PageSize.PAGE)


class PageError(StrEnum):
    """Why a page is not drawn; rendering/wording.py has the sentence of each."""

    NOT_PAGES = "not_pages"
    NO_SUCH_PAGE = "no_such_page"
    BROKEN_PAGE = "broken_page"
    TOO_HEAVY = "too_heavy"
    BEYOND = "beyond"
    NOT_DRAWN = "not_drawn"


def next_attempt(tries: int, at: datetime) -> datetime | None:
    """Answer when what failed so many times is tried again: later and later; None when it is given up."""
    return None if tries >= MAX_ATTEMPTS else at + FIRST_WAIT * 2 ** max(0, tries - 1)
