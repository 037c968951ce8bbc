"""A place in one version of the file of a piece: a region of a page, or a passage of its text, that a claim
or a remark names.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portfolio.domain.dossier.rules.citation import (
    CitationError,
    CitationErrorCode,
    CitationUnit,
    cited_pages,
    parse_citation,
)
from portfolio.domain.dossier.rules.rendition import PAGE_UNITS, Box, TextMatch, find_quote, unpack_boxes

MAX_ANCHORS = 30
QUOTE_MAX_CHARS = 600
# The smallest side of a region: one hundredth of the page.
MIN_SIDE = PAGE_UNITS // 100


class AnchorErrorCode(StrEnum):
    """Faults of a place that somebody marks."""

    NO_SUCH_PAGE = "no_such_page"
    NO_PLACE = "no_place"
    REGION_UNREADABLE = "region_unreadable"
    REGION_TOO_SMALL = "region_too_small"
    QUOTE_TOO_LONG = "quote_too_long"
    QUOTE_NOT_FOUND = "quote_not_found"
    TOO_MANY = "too_many_anchors"
    PASSAGE_TOO_LONG = "passage_too_long"
    COMMENT_TOO_LONG = "comment_too_long"
    REPLACED_VERSION = "replaced_version"


class AnchorFit(StrEnum):
    """Answers to whether a place is still there in a later version of the file."""

    FITS = "fits"
    # The passage is on another page now.
    MOVED = "moved"
    # The passage, or the page, is no longer there.
    GONE = "gone"
    # A region was drawn on another version: only a person can tell whether it shows the same.
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Anchor:
    """A place on a page (from 1) of a version (from 1) of a file: a region of it, or a quoted passage of its text.

    `position` is the index of the first character of the quote in the text of the page when it was selected.
    """

    file_version: int
    page: int
    region: Box | None = None
    quote: str = ""
    position: int | None = None

    @property
    def id(self) -> str:
        """Return a name of the place, the same for the same place."""
        return hashlib.sha256(json.dumps(self.as_json(), sort_keys=True).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """Return the form in which a row keeps it."""
        return {
            "file_version": self.file_version,
            "page": self.page,
            "region": list(self.region) if self.region else None,
            "quote": self.quote,
            "position": self.position,
        }


def anchor_from_json(kept: Mapping[str, Any]) -> Anchor:
    """Read back `Anchor.as_json`."""
    region = kept["region"]
    box = (region[0], region[1], region[2], region[3]) if region else None
    return Anchor(kept["file_version"], kept["page"], box, kept["quote"], kept["position"])


def anchors_from_json(kept: Sequence[Mapping[str, Any]] | None) -> tuple[Anchor, ...]:
    """Read back the anchors of a row; none of a row without them."""
    return tuple(anchor_from_json(anchor) for anchor in kept or ())


def parse_region(typed: str) -> Box | AnchorErrorCode | None:
    """Return the region of an address or of a form, « 1200,800,5400,2600 » in ten-thousandths of the page;
    None of nothing.
    """
    if not typed.strip():
        return None
    sides = typed.split(",")
    if len(sides) != 4 or not all(
        side.strip().isascii() and side.strip().isdigit() and len(side) < 9 for side in sides
    ):
        return AnchorErrorCode.REGION_UNREADABLE
    left, top, right, bottom = (min(int(side), PAGE_UNITS) for side in sides)
    left, right, top, bottom = min(left, right), max(left, right), min(top, bottom), max(top, bottom)
    if right - left < MIN_SIDE or bottom - top < MIN_SIDE:
        return AnchorErrorCode.REGION_TOO_SMALL
    return left, top, right, bottom


def region_text(region: Box) -> str:
    """Return a region as an address writes it."""
    return ",".join(str(side) for side in region)


def anchor_error(anchor: Anchor, pages: int, text: str | None) -> AnchorErrorCode | None:
    """Return what is wrong with a place in a file of so many pages; `text` is that of its page, None while it
    is not known.
    """
    if not 1 <= anchor.page <= pages:
        return AnchorErrorCode.NO_SUCH_PAGE
    if anchor.region is None and not anchor.quote:
        return AnchorErrorCode.NO_PLACE
    if len(anchor.quote) > QUOTE_MAX_CHARS:
        return AnchorErrorCode.QUOTE_TOO_LONG
    if anchor.quote and (text is None or find_quote(text, anchor.quote, anchor.position) is None):
        return AnchorErrorCode.QUOTE_NOT_FOUND
    return None


def with_anchor(anchors: Iterable[Anchor], added: Anchor) -> tuple[Anchor, ...] | AnchorErrorCode:
    """Return the anchors with one more, in the order of the pages; the same place twice is one."""
    kept = list(dict.fromkeys([*anchors, added]))
    if len(kept) > MAX_ANCHORS:
        return AnchorErrorCode.TOO_MANY
    return tuple(sorted(kept, key=lambda anchor: (anchor.page, anchor.region[1] if anchor.region else 0)))


def fit_of(anchor: Anchor, version: int, pages: Mapping[int, str] | None, count: int) -> AnchorFit:
    """Return whether a place is still there in this version of the file, of `count` pages whose text is `pages`.

    `pages` is None while the text of that version is not known.
    """
    if anchor.file_version == version:
        return AnchorFit.FITS
    if not anchor.quote or pages is None:
        return AnchorFit.GONE if anchor.page > count else AnchorFit.UNKNOWN
    if find_quote(pages.get(anchor.page, ""), anchor.quote, anchor.position) is not None:
        return AnchorFit.FITS
    return AnchorFit.MOVED if quoted_page(anchor, pages) is not None else AnchorFit.GONE


def quoted_page(anchor: Anchor, pages: Mapping[int, str]) -> int | None:
    """Return the page on which a quoted passage is, the nearest to the one that was named; None when it is on none."""
    found = (page for page, text in pages.items() if find_quote(text, anchor.quote, None) is not None)
    return min(found, key=lambda page: abs(page - anchor.page), default=None)


def quote_match(anchor: Anchor, text: str) -> TextMatch | None:
    """Return where the quoted passage of an anchor is in the text of its page."""
    return find_quote(text, anchor.quote, anchor.position) if anchor.quote else None


def passage_with(passage: str | None, added: str, unit: CitationUnit, last: int | None) -> str | CitationError:
    """Return the passage of a claim once pages or moments are added to it; `last` is the last page or second
    of the file.

    `passage` is None for a claim that is being made. A claim on the whole piece stays on the whole piece, and
    a passage that does not fit the file any more stays as it is: its author corrects it where it is said.
    """
    if passage == "" or not added:
        return passage or ""
    counted = CitationUnit.MINUTES if unit is CitationUnit.MINUTES else CitationUnit.PAGES
    read = parse_citation(added, counted, last)
    if isinstance(read, CitationError):
        return read
    if unit is CitationUnit.FREE:
        return _free_passage(passage, read)
    if passage is None:
        return read
    merged = parse_citation(f"{passage}, {read}", counted, last)
    return passage if isinstance(merged, CitationError) and merged.code is not CitationErrorCode.TOO_LONG else merged


def _free_passage(passage: str | None, pages: str) -> str | CitationError:
    """Return pages of a file whose passages are free words, « page 4 », after what is said already."""
    several = any(sign in pages for sign in "-,")
    text = f"{'pages' if several else 'page'} {pages}"
    if passage is None:
        return text
    named = set(cited_pages(passage, CitationUnit.FREE))
    if named and named >= set(cited_pages(text, CitationUnit.FREE)):
        return passage
    return parse_citation(f"{passage}, {text}", CitationUnit.FREE)


UNIT = 1000
_WORD = re.compile(r"\S+")
MAX_MASKS = 200


@dataclass(frozen=True, slots=True)
class Mask:
    """A rectangle of a page that nobody but the candidate sees."""

    left: int
    top: int
    width: int
    height: int

    @property
    def is_valid(self) -> bool:
        """Tell whether the rectangle has a surface and lies on the page."""
        inside = self.left >= 0 and self.top >= 0 and self.left + self.width <= UNIT and self.top + self.height <= UNIT
        return inside and self.width > 0 and self.height > 0

    def pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return the rectangle on a drawing this wide and high, never smaller than it was painted."""
        right, bottom = (-(-(self.left + self.width) * width // UNIT), -(-(self.top + self.height) * height // UNIT))
        return self.left * width // UNIT, self.top * height // UNIT, right, bottom


MasksByPage = Mapping[int, Sequence[Mask]]


def masks_to_json(masks: MasksByPage) -> str:
    """Return the masks as one argument of a child process."""
    return json.dumps({str(page): [[m.left, m.top, m.width, m.height] for m in found] for page, found in masks.items()})


def masks_from_json(text: str) -> MasksByPage:
    """Return the masks of `masks_to_json`."""
    return {int(page): [Mask(*values) for values in found] for page, found in json.loads(text).items()}


def kept_words(text: str, packed: bytes, masks: Sequence[Mask]) -> list[tuple[str, Box]]:
    """Return the words of a page that no mask touches, with their boxes; a word whose place is unknown is left out too.

    `packed` holds one box for each word of the text, as `rendition.pack_boxes` writes them.
    """
    words, boxes = _WORD.findall(text), unpack_boxes(packed)
    if len(words) != len(boxes):
        return []
    placed = [(word, box) for word, box in zip(words, boxes, strict=True) if box[2] > box[0] and box[3] > box[1]]
    return [(word, box) for word, box in placed if not any(_touches(box, mask) for mask in masks)]


def _touches(box: Box, mask: Mask) -> bool:
    step = PAGE_UNITS // UNIT
    left, top, right, bottom = box
    across = left <= (mask.left + mask.width) * step and right >= mask.left * step
    return across and top <= (mask.top + mask.height) * step and bottom >= mask.top * step
