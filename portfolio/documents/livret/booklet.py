"""The juror's booklet: two pages of claim sentences, and a blank grid for each competency."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pypdfium2

from portfolio.documents.typesetting import typeset
from portfolio.domain.certifying_body.rules import PLAIN_LOOK, Look
from portfolio.domain.submission.rules.dossier import SealedDossier
from portfolio.wording.documents.receipt import booklet_values

SUMMARY_PAGES = 2
# The sizes of the type, in points, and how many characters of a claim are printed, until the claims fit on
# two pages.
_FITS = ((9.0, 240), (8.4, 170), (7.8, 120), (7.2, 80), (6.8, 45), (6.4, 0), (5.6, 0), (4.8, 0), (4.0, 0))


def booklet_pdf(dossier: SealedDossier, root: str, look: Look = PLAIN_LOOK) -> bytes:
    """Return the booklet: the claims take two pages at most, in a type as large as they allow."""
    pdf = b""
    for size, characters in _FITS:
        values = booklet_values(dossier, root, characters) | {"size": size, "lines": _lines(dossier)}
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
def made_booklet(dossier: SealedDossier, root: str, look: Look = PLAIN_LOOK) -> Iterator[Path]:
    """Lend the file of the booklet; deleted afterwards."""
    with TemporaryDirectory(prefix="acquis-livret-") as folder:
        path = Path(folder) / "booklet.pdf"
        path.write_bytes(booklet_pdf(dossier, root, look))
        yield path
