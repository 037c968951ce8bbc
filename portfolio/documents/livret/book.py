"""The book of a sealed dossier as frozen values, built from the manifest and from what is known of the stored files.

The juror's booklet: two pages of claim sentences, and a blank grid for each competency.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import pypdfium2

from portfolio.documents.typesetting import typeset
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.dossier.rules.citation import CitationUnit, cited_pages
from portfolio.domain.submission.rules.dossier import (
    SealedBlock,
    SealedClaim,
    SealedCompetency,
    SealedDossier,
    SealedExhibit,
)
from portfolio.files.storage.temporary_folder import temporary_folder

# More columns than this do not fit on a page of the correspondence table.
MATRIX_COLUMNS = 12


class PageSource(StrEnum):
    """Sources from which the book takes a page of an exhibit."""

    # The page of the PDF itself.
    OWN = "own"
    IMAGE = "image"
    # Nothing can be printed of it: the page says so.
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ExhibitPage:
    """A page of an exhibit: where it is taken from, and the text that it shows."""

    number: int
    source: PageSource
    text: str = ""


@dataclass(frozen=True, slots=True)
class Recording:
    """A sound or a film: how long it plays, in seconds, and the address at which it is played."""

    kind: str
    seconds: int | None
    address: str = ""


@dataclass(frozen=True, slots=True)
class ExhibitContents:
    """Printable parts of the file of an exhibit; without any page, its sheet says why."""

    pages: tuple[ExhibitPage, ...] = ()
    recording: Recording | None = None
    converter: str = ""
    # Why nothing, or not everything, is printed: a sentence in French.
    notice: str = ""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a passage, « 4-5 », and the page of the exhibit that it opens; 0 for its cover note."""

    text: str
    page: int


@dataclass(frozen=True, slots=True)
class BookClaim:
    """A claim as the book prints it: `anchor` is the name of its place, unique in the book."""

    anchor: str
    competency: str
    exhibit: str
    title: str
    comment: str
    passages: tuple[Passage, ...]
    unit: CitationUnit
    passage: str
    # The passages that it quotes from the exhibit, with their page.
    quotes: tuple[Passage, ...] = ()
    # The regions that it marks: a page, and its sides in ten-thousandths of that page.
    regions: tuple[tuple[int, tuple[int, int, int, int]], ...] = ()


@dataclass(frozen=True, slots=True)
class BookExhibit:
    """An exhibit of the book: what it says of itself, its contents, and the claims that cite it."""

    exhibit: SealedExhibit
    contents: ExhibitContents
    claims: tuple[BookClaim, ...]

    def claims_of_page(self, page: int) -> tuple[BookClaim, ...]:
        """Return the claims that cite this page, or the whole exhibit."""
        return tuple(
            claim for claim in self.claims if not claim.passage or page in cited_pages(claim.passage, claim.unit)
        )

    def regions_of_page(self, page: int) -> tuple[tuple[int, int, int, int], ...]:
        """Return the regions that claims mark on this page, each once."""
        return tuple(dict.fromkeys(box for claim in self.claims for number, box in claim.regions if number == page))


@dataclass(frozen=True, slots=True)
class MatrixTable:
    """A part of the correspondence table: competencies across, exhibits down, the passage where they meet."""

    block: int
    title: str
    competencies: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str | None, ...]], ...]


@dataclass(frozen=True, slots=True)
class Book:
    """The whole book. `root` names what it was made from; a draft has none."""

    dossier: SealedDossier
    root: str
    claims: Mapping[str, tuple[BookClaim, ...]]
    exhibits: tuple[BookExhibit, ...]
    matrix: tuple[MatrixTable, ...]
    is_draft: bool = False

    @property
    def pages(self) -> int:
        """Return how many pages of exhibits the book prints."""
        return sum(len(exhibit.contents.pages) for exhibit in self.exhibits)


def book_of(
    dossier: SealedDossier, root: str, contents: Mapping[str, ExhibitContents] | None = None, *, is_draft: bool = False
) -> Book:
    """Build the book of a dossier; `contents` maps the label of an exhibit to what can be printed of its file."""
    known = contents or {}
    exhibits = {exhibit.label: exhibit for exhibit in dossier.exhibits}
    counts = {label: len(known[label].pages) if label in known else 0 for label in exhibits}
    claims = {
        competency.number: tuple(
            _claim(competency, exhibits[claim.exhibit], claim, counts[claim.exhibit])
            for claim in competency.claims
            if claim.exhibit in exhibits
        )
        for block in dossier.blocks
        for competency in block.competencies
    }
    every = [claim for of_competency in claims.values() for claim in of_competency]
    return Book(
        dossier=dossier,
        root=root,
        claims=claims,
        exhibits=tuple(
            BookExhibit(
                exhibit,
                known.get(exhibit.label, ExhibitContents()),
                tuple(claim for claim in every if claim.exhibit == exhibit.label),
            )
            for exhibit in dossier.exhibits
        ),
        matrix=tuple(table for block in dossier.blocks for table in _tables(block, dossier, claims)),
        is_draft=is_draft,
    )


def _claim(competency: SealedCompetency, exhibit: SealedExhibit, claim: SealedClaim, pages: int) -> BookClaim:
    places = competency.anchors_in(exhibit.label)
    return BookClaim(
        anchor=f"c-{competency.number}-{exhibit.label}",
        competency=competency.number,
        exhibit=exhibit.label,
        title=exhibit.title,
        comment=claim.comment,
        passages=passages_of(claim.passage, exhibit.measure, pages),
        unit=exhibit.measure,
        passage=claim.passage,
        regions=tuple(
            (anchor.page, anchor.region)
            for anchor in places
            if anchor.region is not None and anchor.file_version == exhibit.file_version
        ),
        quotes=tuple(Passage(anchor.quote, anchor.page) for anchor in places if anchor.quote and anchor.page <= pages),
    )


def passages_of(passage: str, unit: CitationUnit, pages: int) -> tuple[Passage, ...]:
    """Return each part of a passage with the page that it opens, 0 where the book prints no such page."""
    cited = cited_pages(passage, unit)
    if not cited:
        return (Passage(passage, 0),) if passage else ()
    found: list[Passage] = []
    first = last = cited[0]
    for page in (*cited[1:], 0):
        if page == last + 1:
            last = page
            continue
        text = str(first) if first == last else f"{first}-{last}"
        found.append(Passage(text, first if first <= pages else 0))
        first = last = page
    return tuple(found)


def _tables(
    block: SealedBlock, dossier: SealedDossier, claims: Mapping[str, Sequence[BookClaim]]
) -> Sequence[MatrixTable]:
    numbers = [competency.number for competency in block.competencies]
    return [
        _table(block, dossier, tuple(numbers[at : at + MATRIX_COLUMNS]), claims)
        for at in range(0, len(numbers), MATRIX_COLUMNS)
    ]


def _table(
    block: SealedBlock, dossier: SealedDossier, numbers: tuple[str, ...], claims: Mapping[str, Sequence[BookClaim]]
) -> MatrixTable:
    cells = {(claim.exhibit, number): claim.passage for number in numbers for claim in claims[number]}
    called = {label for label, _ in cells}
    rows = tuple(
        (exhibit.label, exhibit.title, tuple(cells.get((exhibit.label, number)) for number in numbers))
        for exhibit in dossier.exhibits
        if exhibit.label in called
    )
    return MatrixTable(block.number, block.title, numbers, rows)


# The values of a booklet: of a dossier, its root, and how many characters of a claim are printed.
BookletWords = Callable[[SealedDossier, str, int], dict[str, Any]]
SUMMARY_PAGES = 2
# The sizes of the type, in points, and how many characters of a claim are printed, until the claims fit on
# two pages.
_FITS = ((9.0, 240), (8.4, 170), (7.8, 120), (7.2, 80), (6.8, 45), (6.4, 0), (5.6, 0), (4.8, 0), (4.0, 0))


def booklet_pdf(words: BookletWords, dossier: SealedDossier, root: str, look: Look = PLAIN_LOOK) -> bytes:
    """Return the booklet: its claims take two pages at most, in a type as large as they allow."""
    pdf = b""
    for size, characters in _FITS:
        values = words(dossier, root, characters) | {"size": size, "lines": _lines(dossier)}
        pdf = typeset("booklet", values, at=dossier.header.sealed_at, look=look)
        if _summary_pages(pdf) <= SUMMARY_PAGES:
            break
    return pdf


def _lines(dossier: SealedDossier) -> int:
    """Return how many lines each grid has: those of the largest block fill a page."""
    most = max((len(block.competencies) for block in dossier.blocks), default=1)
    return max(3, min(8, 20 // most))


def _summary_pages(pdf: bytes) -> int:
    """Return how many pages stand before the first grid."""
    with pypdfium2.PdfDocument(pdf) as document:
        for number, page in enumerate(document):
            if page.get_textpage().get_text_range(0, 400).find("Grille de lecture") >= 0:
                return int(number)
        return len(document)


@contextmanager
def made_booklet(words: BookletWords, dossier: SealedDossier, root: str, look: Look = PLAIN_LOOK) -> Iterator[Path]:
    """Lend the file of the booklet; deleted afterwards."""
    with temporary_folder() as folder:
        path = folder / "booklet.pdf"
        path.write_bytes(booklet_pdf(words, dossier, root, look))
        yield path
