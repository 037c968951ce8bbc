"""States, retry delays and leases of renditions made of an uploaded file [design].

The text of a page: its words, where they are on the page, and the words that a person searches for.
"""

import re
import struct
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Any

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
    """Kinds of renditions."""

    PAGES = "pages"


class RenditionState(StrEnum):
    """States of a rendition."""

    WAITING = "waiting"
    MAKING = "making"
    READY = "ready"
    REFUSED = "refused"


# What is still to be done, now or once its lease has ended.
UNFINISHED = (RenditionState.WAITING, RenditionState.MAKING)


class RenditionFailure(StrEnum):
    """Reasons why nothing (more) is made of a file; rendering/wording.py has the sentence of each."""

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
    """Forms in which a file may be taken away."""

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
    """States of a file that was received while the antivirus did not answer; a clean one has none."""

    WAITING = "waiting"
    INFECTED = "infected"
    TOO_LARGE = "too_large"
    DAMAGED = "damaged"


class PageSize(StrEnum):
    """Sizes at which a page is drawn: four widths only, so that what is kept of a file stays bounded."""

    THUMBNAIL = "vignette"
    PAGE = "page"
    LARGE = "grande"
    DETAIL = "detail"

    @property
    def width(self) -> int:
        """Its width in pixels, at most: a picture is never drawn larger than it is."""
        return {PageSize.THUMBNAIL: 320, PageSize.PAGE: 1200, PageSize.LARGE: 2000, PageSize.DETAIL: 3200}[self]


# The widths that are drawn ahead; the others are drawn when somebody first asks for them.
DRAWN_AHEAD = (PageSize.THUMBNAIL, PageSize.PAGE)


class PageError(StrEnum):
    """Reasons why a page is not drawn; rendering/wording.py has the sentence of each."""

    NOT_PAGES = "not_pages"
    NO_SUCH_PAGE = "no_such_page"
    BROKEN_PAGE = "broken_page"
    TOO_HEAVY = "too_heavy"
    BEYOND = "beyond"
    NOT_DRAWN = "not_drawn"


@dataclass(frozen=True, slots=True)
class Proof:
    """Answer of a piece laid alone, as the book will hold it: its pages, those that give way to their image, and those
    that cannot be printed at all.
    """

    pages: int
    replaced: tuple[int, ...] = ()
    unprinted: tuple[int, ...] = ()

    def as_json(self) -> dict[str, int | list[int]]:
        """Return it as it is kept."""
        return {"pages": self.pages, "replaced": list(self.replaced), "unprinted": list(self.unprinted)}


def proof_of(kept: Mapping[str, Any]) -> Proof:
    """Return a proof that was kept."""
    return Proof(kept["pages"], tuple(kept["replaced"]), tuple(kept["unprinted"]))


def next_attempt(tries: int, at: datetime) -> datetime | None:
    """Answer when what failed so many times is tried again: later and later; None when it is given up."""
    return None if tries >= MAX_ATTEMPTS else at + FIRST_WAIT * 2 ** max(0, tries - 1)


# Left, top, right, bottom, in ten-thousandths of the width and of the height of the page.
Box = tuple[int, int, int, int]
PAGE_UNITS = 10_000

_BOX = struct.Struct("<4H")  # little-endian: claim-place.js reads it
_WORD = re.compile(r"\S+")
# Letters of Latin scripts without their accents, one for one, so that a place in the folded text is a place
# in the text.
_FOLDED = {
    code: folded
    for code in range(0x41, 0x250)
    if len(folded := unicodedata.normalize("NFD", chr(code))[:1].lower()) == 1 and folded != chr(code)
} | {ord("’"): "'", ord("‘"): "'", ord("‐"): "-", ord("‑"): "-"}
SEARCH_MAX_CHARS = 100
_EXCERPT_CHARS = 60


@dataclass(frozen=True, slots=True)
class TextMatch:
    """A place where the searched words are: the characters of the text, and the words that hold them."""

    start: int
    end: int
    first_word: int
    last_word: int


def pack_boxes(boxes: Iterable[Box]) -> bytes:
    """Return the boxes as bytes, eight for each."""
    return b"".join(_BOX.pack(*(min(max(side, 0), PAGE_UNITS) for side in box)) for box in boxes)


def unpack_boxes(packed: bytes | None) -> list[Box]:
    """Return the boxes of `pack_boxes`, one for each word of the text; none when they are not known."""
    return [(left, top, right, bottom) for left, top, right, bottom in _BOX.iter_unpack(packed or b"")]


def fold(text: str) -> str:
    """Return a text of the same length in lower case and without accents."""
    return text.translate(_FOLDED)


def find_text(text: str, searched: str, limit: int = 200) -> list[TextMatch]:
    """Return where the searched words follow each other in a text, without regard to case, accents and line breaks."""
    words = fold(searched[:SEARCH_MAX_CHARS]).split()
    if not words:
        return []
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    spans = [(match.start(), match.end()) for match in _limited(pattern.finditer(fold(text)), limit)]
    return list(_matches(text, spans))


def find_quote(text: str, quote: str, position: int | None) -> TextMatch | None:
    """Return where a quoted passage is in a text, the place nearest to `position`; None when it is not there.

    Line breaks and runs of blanks do not count; every letter does.
    """
    words = quote.split()
    if not words:
        return None
    pattern = re.compile(r"\s+".join(re.escape(word) for word in words))
    spans = [(match.start(), match.end()) for match in pattern.finditer(text)]
    if not spans:
        return None
    nearest = min(spans, key=lambda span: abs(span[0] - (position or 0)))
    return next(_matches(text, [nearest]))


def excerpt_around(text: str, match: TextMatch) -> tuple[str, str, str]:
    """Return what is written before a match, the match, and what is written after it, each on one line."""
    before = text[max(0, match.start - _EXCERPT_CHARS) : match.start]
    after = text[match.end : match.end + _EXCERPT_CHARS]
    if match.start > _EXCERPT_CHARS:
        before = "…" + before.partition(" ")[2]
    if match.end + _EXCERPT_CHARS < len(text):
        after = after.rpartition(" ")[0] + "…"
    return _on_one_line(before), " ".join(text[match.start : match.end].split()), _on_one_line(after)


def match_boxes(boxes: Sequence[Box], match: TextMatch) -> list[Box]:
    """Return one box for each line of a match: neighbouring words of one line are joined."""
    found: list[Box] = []
    for left, top, right, bottom in boxes[match.first_word : match.last_word + 1]:
        last = found[-1] if found else None
        if last and min(bottom, last[3]) - max(top, last[1]) > (bottom - top) // 2 and left >= last[0]:
            found[-1] = (last[0], min(last[1], top), max(last[2], right), max(last[3], bottom))
        else:
            found.append((left, top, right, bottom))
    return found


def _matches(text: str, spans: Sequence[tuple[int, int]]) -> Iterator[TextMatch]:
    if not spans:
        return
    words = [(word.start(), word.end()) for word in _WORD.finditer(text)]
    first = 0
    for start, end in spans:
        while words[first][1] <= start:
            first += 1
        last = first
        while last + 1 < len(words) and words[last + 1][0] < end:
            last += 1
        yield TextMatch(start, end, first, last)


def _limited(matches: Iterator[re.Match[str]], limit: int) -> Iterator[re.Match[str]]:
    return (match for match, _ in zip(matches, range(limit), strict=False))


def _on_one_line(text: str) -> str:
    """Return a text with each run of blanks as one space; a blank at an end stays."""
    return re.sub(r"\s+", " ", text)
