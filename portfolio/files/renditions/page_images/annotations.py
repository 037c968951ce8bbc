"""Form fields and annotations of a page of a PDF: what they say is not in the text of the page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pypdfium2
from pypdfium2 import raw

# The functions of PDFium, which have no types.
pdfium: Any = raw

_MOST = 2000
_SPEAKING = frozenset({pdfium.FPDF_ANNOT_WIDGET, pdfium.FPDF_ANNOT_FREETEXT, pdfium.FPDF_ANNOT_STAMP})
_NOT_SHOWN = pdfium.FPDF_ANNOT_FLAG_INVISIBLE | pdfium.FPDF_ANNOT_FLAG_NOVIEW


def has_texts_of_its_own(sheet: pypdfium2.PdfPage) -> bool:
    """Return whether form fields, free texts or stamps lie on the page."""
    return any(pdfium.FPDFAnnot_GetSubtype(annotation) in _SPEAKING for annotation in _annotations(sheet))


def field_rectangles(sheet: pypdfium2.PdfPage) -> list[Any]:
    """Return where the form fields and the notes of a page are."""
    found = []
    for annotation in _annotations(sheet):
        rectangle = pdfium.FS_RECTF()
        if pdfium.FPDFAnnot_GetRect(annotation, rectangle):
            found.append(rectangle)
    return found


def flatten(sheet: pypdfium2.PdfPage) -> None:
    """Make the annotations that are shown part of the page; it has to be opened again after.

    PDFium omits those that are hidden, and takes those that a printer alone would show: they are hidden
    before.
    """
    for annotation in _annotations(sheet):
        flags = pdfium.FPDFAnnot_GetFlags(annotation)
        if flags & _NOT_SHOWN:
            pdfium.FPDFAnnot_SetFlags(annotation, flags | pdfium.FPDF_ANNOT_FLAG_HIDDEN)
    pdfium.FPDFPage_Flatten(sheet, pdfium.FLAT_NORMALDISPLAY)


def _annotations(sheet: pypdfium2.PdfPage) -> Iterator[Any]:
    for index in range(min(_MOST, max(0, pdfium.FPDFPage_GetAnnotCount(sheet)))):
        with _opened(sheet, index) as annotation:
            if annotation:
                yield annotation


@contextmanager
def _opened(sheet: pypdfium2.PdfPage, index: int) -> Iterator[Any]:
    annotation = pdfium.FPDFPage_GetAnnot(sheet, index)
    try:
        yield annotation
    finally:
        if annotation:
            pdfium.FPDFPage_CloseAnnot(annotation)
