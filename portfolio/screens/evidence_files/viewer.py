"""The viewer of a piece: zoom, thumbnails, search, and the places that claims name, drawn over the page and told beside
it.

The fields of a form by which a place of a page is named: a region that was drawn, a zone of the page, or quoted words.
"""

import base64
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

from flask import request

from portfolio.db.engine import read_session
from portfolio.domain.dossier.rules.anchors import (
    Anchor,
    AnchorFit,
    fit_of,
    parse_region,
    quote_match,
    quoted_page,
    region_text,
)
from portfolio.domain.dossier.rules.citation import CitationUnit, cited_pages, cited_spans, moment_message
from portfolio.domain.dossier.rules.rendition import (
    PAGE_UNITS,
    SEARCH_MAX_CHARS,
    Box,
    TextMatch,
    excerpt_around,
    find_text,
    match_boxes,
    unpack_boxes,
)
from portfolio.domain.dossier.use_cases.conversions import load_page_texts
from portfolio.files.renditions.page_images.navigation import PagePosition
from portfolio.screens.evidence_files.page_images import ViewerUrls
from portfolio.wording.anchors import anchor_message, fit_message

# How many thumbnails, and how many hits of a search, a page shows.
THUMBNAILS, HITS = 20, 50
_UNKNOWN_SIZE = 1000, 1414


@dataclass(frozen=True)
class PlacedClaim:
    """A claim, or a remark, with the places of the piece that it names."""

    label: str
    text: str
    comment: str
    passage: str = ""
    anchors: tuple[Anchor, ...] = ()
    href: str = ""
    # The version of the file that its author had before them, when it is known.
    file_version: int | None = None
    claim_id: UUID | None = None
    is_remark: bool = False


@dataclass(frozen=True)
class Shape:
    """A box drawn over the page, in the units of `Overlay`."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Mark:
    """A place drawn over the page open: its number in the margin (0: none), what it is, its boxes."""

    number: int
    kind: str
    title: str
    shapes: tuple[Shape, ...]


@dataclass(frozen=True)
class MarginPlace:
    """A place of a claim, as the margin tells it."""

    id: str
    anchor_id: str
    message: str
    href: str
    # What became of it in the version open, when that is not the version on which it was marked.
    notice: str = ""
    number: int = 0
    version: int = 0
    # Where it is read on the version on which it was marked.
    old_href: str = ""


@dataclass(frozen=True)
class MarginClaim:
    """A claim in the margin, with its places; `id` is its number on the page."""

    id: int
    claim: PlacedClaim
    places: tuple[MarginPlace, ...]
    is_here: bool


@dataclass(frozen=True)
class Hit:
    """A place where the searched words are: its page, and what is written around it."""

    page: int
    before: str
    found: str
    after: str
    href: str


@dataclass(frozen=True)
class Chapter:
    """A part of a recording that a claim names."""

    start: int
    moment: str
    label: str
    text: str


@dataclass(frozen=True)
class Viewer:
    """All that the viewer shows around the page open."""

    turn: PagePosition
    place: ViewerUrls
    what: str
    claims: tuple[MarginClaim, ...] = ()
    marks: tuple[Mark, ...] = ()
    searched: str = ""
    hits: tuple[Hit, ...] = ()
    hit_count: int = 0
    chapters: tuple[Chapter, ...] = ()
    unit: CitationUnit = CitationUnit.PAGES
    version: int = 1
    marked_pages: tuple[int, ...] = ()

    @property
    def here(self) -> tuple[MarginClaim, ...]:
        """Return the claims that name the page open."""
        return tuple(claim for claim in self.claims if claim.is_here)

    @property
    def elsewhere(self) -> tuple[MarginClaim, ...]:
        """Return the claims that name other pages, or the whole piece."""
        return tuple(claim for claim in self.claims if not claim.is_here)

    @property
    def thumbnails(self) -> range:
        """Return the pages whose thumbnails are shown: those around the page open."""
        first = (self.turn.page - 1) // THUMBNAILS * THUMBNAILS + 1
        return range(first, min(first + THUMBNAILS, self.turn.pages + 1))

    @property
    def words(self) -> str:
        """Return where the words of the page are, as an attribute of its element holds it."""
        return base64.b64encode(self.turn.word_boxes or b"").decode()

    @property
    def overlay(self) -> tuple[int, int]:
        """Return the width and the height of what is drawn over the page."""
        return overlay_size(self.turn)

    def to_page(self, page: int, **more: object) -> str:
        """Return the address of a page, at the same zoom and with the same search."""
        kept: dict[str, object] = {"page": page}
        if self.turn.zoom:
            kept["zoom"] = self.turn.zoom
        if self.searched:
            kept["q"] = self.searched
        return self.place.reader(**{**kept, **more}) + "#page"


@dataclass(frozen=True)
class ViewerSource:
    """File that is open: the store's key of the file, its version, how passages of it are told."""

    key: str
    version: int
    unit: CitationUnit
    claims: Sequence[PlacedClaim] = field(default=())
    # The address of a page of another version of the file; None where only one version is read.
    other_version: Callable[..., str] | None = None


def open_viewer(source: ViewerSource, turn: PagePosition, place: ViewerUrls, what: str) -> Viewer:
    """Return the viewer of a file at the page open, with its claims, and with what the address searches
    or points at.
    """
    return _Builder(source, turn, place, what).build()


class _Builder:
    """Builds a viewer; the texts of the pages are read only when something needs them."""

    def __init__(self, source: ViewerSource, turn: PagePosition, place: ViewerUrls, what: str) -> None:
        self._source, self._turn, self._place, self._what = source, turn, place, what
        self._boxes = unpack_boxes(turn.word_boxes)
        self._marks: list[Mark] = []

    def build(self) -> Viewer:
        searched = " ".join(request.args.get("q", "").split())[:SEARCH_MAX_CHARS]
        claims = tuple(self._margin_claim(rank, claim) for rank, claim in enumerate(self._source.claims, 1))
        self._point_at_address()
        hits, count = self._search(searched) if searched else ((), 0)
        marked = {page for claim in self._source.claims for page in self._pages_of(claim)}
        return Viewer(
            turn=self._turn,
            place=self._place,
            what=self._what,
            claims=claims,
            marks=tuple(self._marks),
            searched=searched,
            hits=hits,
            hit_count=count,
            chapters=tuple(self._chapters()) if self._turn.plays else (),
            unit=self._source.unit,
            version=self._source.version,
            marked_pages=tuple(sorted(page for page in marked if page <= self._turn.pages)),
        )

    @cached_property
    def _texts(self) -> Mapping[int, str]:
        return load_page_texts(read_session(), self._source.key)

    def _pages_of(self, claim: PlacedClaim) -> set[int]:
        pages = set(cited_pages(claim.passage, self._source.unit))
        return pages | {anchor.page for anchor in claim.anchors if anchor.file_version == self._source.version}

    def _margin_claim(self, rank: int, claim: PlacedClaim) -> MarginClaim:
        places = tuple(self._margin_place(rank, claim, anchor) for anchor in claim.anchors)
        is_here = self._turn.page in self._pages_of(claim) or any(place.number for place in places)
        return MarginClaim(rank, claim, places, is_here or bool(self._turn.plays))

    def _margin_place(self, rank: int, claim: PlacedClaim, anchor: Anchor) -> MarginPlace:
        is_seen = anchor.file_version == self._source.version
        texts = None if is_seen or not anchor.quote else self._texts
        fit = fit_of(anchor, self._source.version, texts, self._turn.pages)
        moved = quoted_page(anchor, texts) if fit is AnchorFit.MOVED and texts is not None else None
        page = moved or anchor.page
        number = 0
        if page == self._turn.page and fit is not AnchorFit.GONE:
            number = self._draw(claim, anchor, is_doubtful=fit is AnchorFit.UNKNOWN)
        where: dict[str, Any] = anchor_address(anchor) | {"page": page}
        href = "" if fit is AnchorFit.GONE else self._place.reader(**where) + "#page"
        return MarginPlace(
            f"{rank}-{anchor.id}",
            anchor.id,
            anchor_message(anchor),
            href,
            fit_message(anchor, fit, moved),
            number,
            anchor.file_version,
            self._old_href(anchor) if not is_seen else "",
        )

    def _old_href(self, anchor: Anchor) -> str:
        other = self._source.other_version
        return other(number=anchor.file_version, **anchor_address(anchor)) + "#page" if other else ""

    def _draw(self, claim: PlacedClaim, anchor: Anchor, *, is_doubtful: bool) -> int:
        boxes = [anchor.region] if anchor.region else self._quoted_boxes(anchor)
        if not boxes:
            return 0
        kind = "remark" if claim.is_remark else "doubtful" if is_doubtful else "claim"
        number = len(self._marks) + 1
        self._marks.append(
            Mark(number, kind, f"{number}. {claim.label} : {anchor_message(anchor)}", self._shapes(boxes))
        )
        return number

    def _quoted_boxes(self, anchor: Anchor) -> list[Box]:
        match = quote_match(anchor, self._turn.text)
        return match_boxes(self._boxes, match) if match else []

    def _point_at_address(self) -> None:
        """Mark the region, or the passage, that the address names, unless a claim has it there already."""
        region, quote = parse_region(request.args.get("region", "")), request.args.get("passage", "")[:1000]
        boxes: list[Box] = [region] if isinstance(region, tuple) else []
        if not boxes and quote:
            boxes = self._quoted_boxes(Anchor(self._source.version, self._turn.page, quote=quote))
        if boxes:
            self._marks.append(Mark(0, "pointed", "Endroit indiqué", self._shapes(boxes)))

    def _search(self, searched: str) -> tuple[tuple[Hit, ...], int]:
        hits: list[Hit] = []
        count = 0
        for page, text in self._texts.items():
            found = find_text(text, searched)
            count += len(found)
            hits += [self._hit(page, text, match, searched) for match in found[: HITS - len(hits)]]
            if page == self._turn.page:
                boxes = (match_boxes(self._boxes, match) for match in found)
                self._marks += [Mark(0, "hit", searched, self._shapes(box)) for box in boxes if box]
        return tuple(hits), count

    def _hit(self, page: int, text: str, match: TextMatch, searched: str) -> Hit:
        return Hit(page, *excerpt_around(text, match), self._place.reader(page=page, q=searched) + "#page")

    def _chapters(self) -> Iterable[Chapter]:
        spans = ((span, claim) for claim in self._source.claims for span in cited_spans(claim.passage))
        for (start, end), claim in sorted(spans, key=lambda pair: pair[0]):
            moment = moment_message(start) if start == end else f"de {moment_message(start)} à {moment_message(end)}"
            yield Chapter(start, moment, claim.label, claim.text)

    def _shapes(self, boxes: Iterable[Box]) -> tuple[Shape, ...]:
        width, height = overlay_size(self._turn)
        return tuple(
            Shape(
                *(left * width // PAGE_UNITS, top * height // PAGE_UNITS),
                *(max((right - left) * width // PAGE_UNITS, 4), max((bottom - top) * height // PAGE_UNITS, 4)),
            )
            for left, top, right, bottom in boxes
        )


def anchor_address(anchor: Anchor) -> dict[str, Any]:
    """Return the parameters of the address that opens a file at a place."""
    where = {"region": region_text(anchor.region)} if anchor.region else {"passage": anchor.quote}
    return {"page": anchor.page, **where}


class PlaceLink(NamedTuple):
    """A place that a claim names, in a list of claims: where it is, and the address that opens it."""

    message: str
    href: str


def place_links(anchors: Iterable[Anchor], reader: Callable[..., str]) -> list[PlaceLink]:
    """Return the places of a claim with the addresses that open them; `reader` makes an address of a place
    and of its version.
    """
    return [
        PlaceLink(anchor_message(anchor), reader(number=anchor.file_version, **anchor_address(anchor)) + "#page")
        for anchor in anchors
    ]


def claimed_pages(claims: Sequence[PlacedClaim], unit: CitationUnit, version: int) -> list[int]:
    """Return the pages that claims name in this version of the file."""
    found = [page for claim in claims for page in cited_pages(claim.passage, unit)]
    return found + [anchor.page for claim in claims for anchor in claim.anchors if anchor.file_version == version]


def overlay_size(turn: PagePosition) -> tuple[int, int]:
    """Return the width and the height of what is drawn over the page: those of the page at 100 %, when
    they are known.
    """
    return (turn.width, turn.height) if turn.width and turn.height else _UNKNOWN_SIZE


def anchor_from_fields(version: int, *, page: str, region: str, zone: str, quote: str, position: str) -> Anchor | None:
    """Return the place that was typed; quoted words go before a region, and a region before a zone.

    None of no place.
    """
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 6 else 0
    if quote:
        start = int(position) if position.isascii() and position.isdigit() and len(position) < 7 else None
        return Anchor(version, number, quote=quote, position=start)
    box = parse_region(region) or parse_region(zone)
    return Anchor(version, number, box) if isinstance(box, tuple) else None
